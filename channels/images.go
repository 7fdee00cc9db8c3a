package channels

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"slices"

	"golang.org/x/image/webp"
)

var (
	// ErrTooBig is returned for an image of too many bytes or pixels.
	ErrTooBig = errors.New("channels: image too big")
	// ErrNotImage is returned for what is no whole JPEG, PNG, WebP or GIF,
	// whatever its name says.
	ErrNotImage = errors.New("channels: not an image")
)

// MaxImage is how many bytes an image may have, as it comes and as it is kept.
const MaxImage = 10 << 20

const (
	maxPixels = 40_000_000
	maxMemory = 96 << 20 // bytes that decoding one image may take
	quality   = 85       // of the JPEG that is kept
)

// format is a kind of file that is taken, known by its first bytes.
type format struct {
	magic  func(data []byte) bool
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error) // of a GIF the first frame
	// memory is what decoding takes, in bytes for ten pixels.
	memory func(data []byte, c image.Config) int64
}

var formats = []format{
	{begins("\xff\xd8\xff"), jpeg.DecodeConfig, jpeg.Decode, jpegMemory},
	{begins("\x89PNG\r\n\x1a\n"), png.DecodeConfig, png.Decode, pngMemory},
	{begins("GIF8"), gif.DecodeConfig, gif.Decode, gifMemory},
	{isWebP, webp.DecodeConfig, webp.Decode, webpMemory},
}

func begins(magic string) func([]byte) bool {
	return func(data []byte) bool { return bytes.HasPrefix(data, []byte(magic)) }
}

func isWebP(data []byte) bool {
	return len(data) > 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP"
}

func gifMemory([]byte, image.Config) int64 { return 10 }

// webpMemory tells lossy files from those that also have other planes.
func webpMemory(data []byte, _ image.Config) int64 {
	if len(data) >= 16 && string(data[12:16]) == "VP8 " {
		return 15
	}
	return 80
}

// pngMemory allows for a grey file that names a transparent grey, and for
// interlacing, which decodes into a second image.
func pngMemory(data []byte, c image.Config) int64 {
	n := int64(40)
	switch c.ColorModel {
	case color.Gray16Model, color.RGBA64Model, color.NRGBA64Model:
		n = 80
	}
	if _, palette := c.ColorModel.(color.Palette); palette {
		n = 10
	}
	const interlace = 8 + 4 + 4 + 12 // signature, length, name, the byte in IHDR
	if len(data) > interlace && data[interlace] != 0 {
		n *= 2
	}
	return n
}

// CleanImage reads an image a stranger sent and makes a new one from its
// pixels: nothing else that was in the file is kept, neither the place it was
// taken nor a script behind the picture. It is at most 2,560 pixels long,
// the right way up, a PNG when it has transparent parts and a JPEG otherwise,
// under a random id. ErrTooBig (over 10 MB, 40 megapixels, or what decoding
// in 96 MiB allows) comes before anything is decoded; ErrNotImage for
// everything else that was sent; other errors are those of r.
func CleanImage(r io.Reader) ([]byte, Attachment, error) {
	data, err := readImage(r)
	if err != nil {
		return nil, Attachment{}, err
	}
	return cleanImage(data)
}

func readImage(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxImage+1))
	if err != nil {
		return nil, fmt.Errorf("read image: %w", err)
	}
	if len(data) > MaxImage {
		return nil, ErrTooBig
	}
	return data, nil
}

func cleanImage(data []byte) ([]byte, Attachment, error) {
	f, _, err := inspect(data)
	if err != nil {
		return nil, Attachment{}, err
	}
	img, err := f.decode(bytes.NewReader(data))
	if err != nil || img.Bounds().Empty() {
		return nil, Attachment{}, ErrNotImage
	}
	small := orient(shrink(img), orientation(data))
	out, kind, err := encode(small, MaxImage)
	if err != nil {
		return nil, Attachment{}, err
	}
	size := small.Bounds().Size()
	a := Attachment{ID: newImageID(), Type: kind, Size: int64(len(out)), Width: size.X, Height: size.Y}
	return out, a, nil
}

// inspect looks at the first bytes and the header: which format it is and how
// many bytes of memory decoding will take.
func inspect(data []byte) (f format, memory int64, err error) {
	i := slices.IndexFunc(formats, func(f format) bool { return f.magic(data) })
	if i < 0 {
		return format{}, 0, ErrNotImage
	}
	f = formats[i]
	c, err := f.config(bytes.NewReader(data))
	if err != nil || c.Width <= 0 || c.Height <= 0 {
		return format{}, 0, ErrNotImage
	}
	pixels := int64(c.Width) * int64(c.Height) // both fit 32 bits
	if pixels > maxPixels {
		return format{}, 0, ErrTooBig
	}
	memory = pixels * f.memory(data, c) / 10
	if memory > maxMemory {
		return format{}, 0, ErrTooBig
	}
	return f, memory, nil
}

// encode writes a JPEG, or a PNG for the sake of transparent parts. A PNG of
// more than limit bytes becomes a JPEG on black.
func encode(img *image.RGBA, limit int) ([]byte, string, error) {
	var b bytes.Buffer
	if !img.Opaque() {
		if err := png.Encode(&b, img); err != nil {
			return nil, "", fmt.Errorf("encode image: %w", err)
		}
		if b.Len() <= limit {
			return b.Bytes(), "image/png", nil
		}
		b.Reset()
	}
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		return nil, "", fmt.Errorf("encode image: %w", err)
	}
	return b.Bytes(), "image/jpeg", nil
}

// Fit makes an image that CleanImage made smaller, until it has at most limit
// bytes: a JPEG of fewer pixels, on white.
func Fit(data []byte, limit int) ([]byte, error) {
	f, _, err := inspect(data)
	if err != nil {
		return nil, err
	}
	img, err := f.decode(bytes.NewReader(data))
	if err != nil {
		return nil, ErrNotImage
	}
	paper := image.NewRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(paper, paper.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(paper, paper.Rect, img, img.Bounds().Min, draw.Over)
	for {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, paper, &jpeg.Options{Quality: quality}); err != nil {
			return nil, fmt.Errorf("encode image: %w", err)
		}
		size := paper.Rect.Size()
		if b.Len() <= limit {
			return b.Bytes(), nil
		}
		if size = image.Pt(size.X*3/4, size.Y*3/4); size.X == 0 || size.Y == 0 {
			return nil, ErrTooBig
		}
		paper = scale(paper, size)
	}
}

func newImageID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}
