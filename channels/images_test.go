package channels

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

var (
	red   = color.RGBA{R: 200, A: 255}
	green = color.RGBA{G: 200, A: 255}
	blue  = color.RGBA{B: 200, A: 255}
	white = color.RGBA{R: 200, G: 200, B: 200, A: 255}
)

// picture has red, green, blue and white quarters, in reading order.
func picture(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := [2][2]color.RGBA{{red, green}, {blue, white}}[2*y/h][2*x/w]
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gifOf(t testing.TB, imgs ...image.Image) []byte {
	t.Helper()
	g := &gif.GIF{}
	for _, img := range imgs {
		p := image.NewPaletted(img.Bounds(), color.Palette{red, green, blue, white, color.Transparent})
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				p.Set(x, y, img.At(x, y))
			}
		}
		g.Image, g.Delay = append(g.Image, p), append(g.Delay, 10)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tinyWebP is one lossless pixel.
const tinyWebP = "RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"

// withExif puts an EXIF segment with an orientation, and a place, behind the
// start of a JPEG.
func withExif(photo []byte, orientation uint16, order binary.AppendByteOrder) []byte {
	tiff := []byte("MM")
	if order.String() == "LittleEndian" {
		tiff = []byte("II")
	}
	tiff = order.AppendUint16(tiff, 42)
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 2) // entries
	for _, e := range []struct {
		tag, kind uint16
		value     uint16
	}{{0x010f, 2, 0}, {0x0112, 3, orientation}} {
		tiff = order.AppendUint16(order.AppendUint16(tiff, e.tag), e.kind)
		tiff = order.AppendUint32(tiff, 1)
		tiff = order.AppendUint16(order.AppendUint16(tiff, e.value), 0)
	}
	body := append([]byte("Exif\x00\x00"), tiff...)
	body = append(body, "GPS 36.6512N 117.1201E"...)
	out := append([]byte{}, photo[:2]...)
	out = binary.BigEndian.AppendUint16(append(out, 0xff, 0xe1), uint16(len(body)+2))
	return append(append(out, body...), photo[2:]...)
}

func clean(t *testing.T, data []byte) (image.Image, Attachment) {
	t.Helper()
	out, a, err := CleanImage(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("CleanImage: %v", err)
	}
	img, name, err := image.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatalf("what came out is no image: %v", err)
	}
	size := img.Bounds().Size()
	if "image/"+name != a.Type || a.Size != int64(len(out)) || a.Width != size.X || a.Height != size.Y {
		t.Errorf("attachment %+v describes a %s of %v and %d bytes", a, name, size, len(out))
	}
	if !imageID(a.ID) {
		t.Errorf("id %q", a.ID)
	}
	return img, a
}

func TestImagesComeOutAsJPEGOrPNG(t *testing.T) {
	photo := picture(300, 200)
	clear := picture(300, 200)
	clear.SetRGBA(5, 5, color.RGBA{})
	for _, c := range []struct {
		name, kind string
		data       []byte
		w, h       int
	}{
		{"a JPEG", "image/jpeg", jpegOf(t, photo), 300, 200},
		{"a PNG without transparent parts", "image/jpeg", pngOf(t, photo), 300, 200},
		{"a PNG with transparent parts", "image/png", pngOf(t, clear), 300, 200},
		{"a GIF", "image/jpeg", gifOf(t, photo), 300, 200},
		{"a GIF that moves", "image/jpeg", gifOf(t, photo, clear, photo), 300, 200},
		{"a GIF with transparent parts", "image/png", gifOf(t, clear), 300, 200},
		{"a WebP with a transparent pixel", "image/png", []byte(tinyWebP), 1, 1},
		{"a grey PNG", "image/jpeg", pngOf(t, image.NewGray(image.Rect(0, 0, 40, 30))), 40, 30},
		{"a PNG of 16 bits", "image/jpeg", pngOf(t, image.NewGray16(image.Rect(0, 0, 40, 30))), 40, 30},
		{"an image larger than 2,560 pixels", "image/jpeg", jpegOf(t, picture(3000, 300)), 2560, 256},
		{"a very long image", "image/jpeg", jpegOf(t, picture(20000, 10)), 2560, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, a := clean(t, c.data)
			if a.Type != c.kind || a.Width != c.w || a.Height != c.h {
				t.Errorf("came out as %s of %d × %d, want %s of %d × %d", a.Type, a.Width, a.Height, c.kind, c.w, c.h)
			}
		})
	}
}

func TestTwoCleaningsHaveTwoIDs(t *testing.T) {
	data := jpegOf(t, picture(10, 10))
	_, a := clean(t, data)
	_, b := clean(t, data)
	if a.ID == b.ID {
		t.Error("the id is not random")
	}
}

func near(a color.Color, b color.RGBA) bool {
	r, g, bl, _ := a.RGBA()
	off := func(x uint32, y uint8) bool { d := int(x>>8) - int(y); return d > -40 && d < 40 }
	return off(r, b.R) && off(g, b.G) && off(bl, b.B)
}

func TestOrientationIsAppliedAndEXIFIsGone(t *testing.T) {
	photo := jpegOf(t, picture(400, 200))
	for as, want := range map[uint16][4]color.RGBA{ // in reading order after turning
		1: {red, green, blue, white},
		2: {green, red, white, blue},
		3: {white, blue, green, red},
		4: {blue, white, red, green},
		5: {red, blue, green, white},
		6: {blue, red, white, green},
		7: {white, green, blue, red},
		8: {green, white, red, blue},
		0: {red, green, blue, white},
		9: {red, green, blue, white},
	} {
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			data := withExif(photo, as, order)
			img, a := clean(t, data)
			wide := as < 5 || as > 8
			if wide != (a.Width == 400 && a.Height == 200) {
				t.Errorf("orientation %d: %d × %d", as, a.Width, a.Height)
			}
			for i, at := range []image.Point{{1, 1}, {3, 1}, {1, 3}, {3, 3}} {
				if got := img.At(at.X*a.Width/4, at.Y*a.Height/4); !near(got, want[i]) {
					t.Errorf("orientation %d, %s: quarter %d is %v, want %v", as, order, i, got, want[i])
				}
			}
			out, _, _ := CleanImage(bytes.NewReader(data))
			if bytes.Contains(out, []byte("Exif")) || bytes.Contains(out, []byte("GPS")) {
				t.Errorf("EXIF is still there")
			}
		}
	}
}

func TestT37PolyglotsLoseWhatIsNotPicture(t *testing.T) {
	const script = "<script>alert(1)</script>"
	for name, data := range map[string][]byte{
		"behind a JPEG":         append(jpegOf(t, picture(20, 20)), script...),
		"behind a PNG":          append(pngOf(t, picture(20, 20)), script...),
		"behind a GIF":          append(gifOf(t, picture(20, 20)), script...),
		"as a comment in a PNG": pngWith(pngOf(t, picture(20, 20)), "tEXt", "Comment\x00"+script),
		"as a profile in a PNG": pngWith(pngOf(t, picture(20, 20)), "eXIf", script),
	} {
		t.Run(name, func(t *testing.T) {
			out, _, err := CleanImage(bytes.NewReader(data))
			if err != nil {
				t.Fatalf("CleanImage: %v", err)
			}
			if bytes.Contains(out, []byte("script")) {
				t.Error("the script came through")
			}
		})
	}
}

// pngWith inserts a chunk behind the header of a PNG.
func pngWith(data []byte, name, content string) []byte {
	const header = 8 + 25 // signature and IHDR
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	chunk = append(append(chunk, name...), content...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return bytes.Join([][]byte{data[:header], chunk, data[header:]}, nil)
}

// pngHeader claims a size and has no pixels.
func pngHeader(w, h uint32, depth, kind, interlaced byte) []byte {
	ihdr := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	ihdr = binary.BigEndian.AppendUint32(ihdr, h)
	ihdr = append(ihdr, depth, kind, 0, 0, interlaced)
	out := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d")
	out = append(out, ihdr...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(ihdr))
}

func TestWhatIsNoImageIsRefused(t *testing.T) {
	photo := jpegOf(t, picture(64, 64))
	progressive := bytes.Replace(photo, []byte("\xff\xc0\x00\x11"), []byte("\xff\xc2\x00\x11"), 1)
	for _, c := range []struct {
		name string
		data []byte
		want error
	}{
		{"nothing", nil, ErrNotImage},
		{"HTML", []byte("<!doctype html><script>alert(1)</script>"), ErrNotImage},
		{"SVG", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), ErrNotImage},
		{"a PDF with HTML", []byte("%PDF-1.7<html>"), ErrNotImage},
		{"a BMP", append([]byte("BM"), make([]byte, 100)...), ErrNotImage},
		{"HTML that begins like a GIF", []byte("GIF89a=1;<script>alert(1)</script>"), ErrTooBig},
		{"HTML that begins like a JPEG", []byte("\xff\xd8\xff<script>"), ErrNotImage},
		{"half a JPEG", photo[:len(photo)/2], ErrNotImage},
		{"half a PNG", pngOf(t, picture(64, 64))[:60], ErrNotImage},
		{"half a GIF", gifOf(t, picture(64, 64))[:60], ErrNotImage},
		{"half a WebP", []byte(tinyWebP[:30]), ErrNotImage},
		{"a JPEG that lies about being progressive", progressive, ErrNotImage},
		{"a PNG of no width", pngHeader(0, 10, 8, 2, 0), ErrNotImage},
		{"a PNG of 20,000 × 20,000", pngHeader(20000, 20000, 8, 2, 0), ErrTooBig},
		{"a PNG of 40,000,001 pixels in a row", pngHeader(40_000_001, 1, 8, 0, 0), ErrTooBig},
		{"a PNG of 2³¹ × 2³¹", pngHeader(1<<31-1, 1<<31-1, 8, 2, 0), ErrNotImage},
		{"a PNG of 40 megapixels, 16 bits each", pngHeader(8000, 5000, 16, 6, 0), ErrTooBig},
		{"a PNG of 40 megapixels, interlaced", pngHeader(8000, 5000, 8, 6, 1), ErrTooBig},
		{"a JPEG of 40 megapixels, progressive", resized(progressive, 8000, 5000), ErrTooBig},
		{"10 MB and a byte", append(photo, make([]byte, MaxImage)...), ErrTooBig},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _, err := CleanImage(bytes.NewReader(c.data))
			runtime.ReadMemStats(&after)
			if !errors.Is(err, c.want) {
				t.Errorf("CleanImage: %v, want %v", err, c.want)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 60<<20 {
				t.Errorf("refusing took %d MB", took>>20)
			}
		})
	}
}

// resized changes what the frame header of a JPEG claims.
func resized(photo []byte, w, h uint16) []byte {
	out := bytes.Clone(photo)
	at := bytes.Index(out, []byte("\xff\xc2\x00\x11")) + 5
	binary.BigEndian.PutUint16(out[at:], h)
	binary.BigEndian.PutUint16(out[at+2:], w)
	return out
}

func TestAReaderThatBreaksIsNotABadImage(t *testing.T) {
	broken := errors.New("connection reset")
	_, _, err := CleanImage(iotest.ErrReader(broken))
	if !errors.Is(err, broken) || errors.Is(err, ErrNotImage) {
		t.Errorf("CleanImage: %v, want the reader's error", err)
	}
}

func TestATransparentPNGThatGrowsTooBigBecomesAJPEG(t *testing.T) {
	img := picture(200, 100)
	img.SetRGBA(5, 5, color.RGBA{})
	for limit, want := range map[int]string{MaxImage: "image/png", 100: "image/jpeg"} {
		if _, kind, err := encode(img, limit); err != nil || kind != want {
			t.Errorf("limit %d: %s, %v, want %s", limit, kind, err, want)
		}
	}
}

func FuzzCleanImage(f *testing.F) {
	photo := jpegOf(f, picture(16, 16))
	f.Add(photo)
	f.Add(withExif(photo, 6, binary.LittleEndian))
	f.Add(pngOf(f, picture(16, 16)))
	f.Add(gifOf(f, picture(16, 16)))
	f.Add([]byte(tinyWebP))
	f.Add(pngHeader(20000, 20000, 8, 2, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		out, a, err := CleanImage(bytes.NewReader(data))
		switch {
		case err != nil && !errors.Is(err, ErrNotImage) && !errors.Is(err, ErrTooBig):
			t.Errorf("CleanImage: %v", err)
		case err == nil && (len(out) == 0 || max(a.Width, a.Height) > longest || !strings.HasPrefix(a.Type, "image/")):
			t.Errorf("came out as %+v", a)
		}
	})
}

func BenchmarkCleanAPhotoOf12Megapixels(b *testing.B) {
	data := jpegOf(b, picture(4000, 3000))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := CleanImage(bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
}
