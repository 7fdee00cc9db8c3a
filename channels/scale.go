package channels

import (
	"image"

	"golang.org/x/image/draw"
)

// longest is how many pixels the long side of a kept image has at most.
const longest = 2560

// shrink copies an image into RGBA of at most longest pixels. It halves – which
// averages every four pixels – until one step is left: a single bilinear step
// over a larger ratio would skip pixels, and better filters take memory for
// the whole source.
func shrink(img image.Image) *image.RGBA {
	size := img.Bounds().Size()
	for max(size.X, size.Y) > 2*longest {
		size = image.Pt(max(1, size.X/2), max(1, size.Y/2))
		img = scale(img, size)
	}
	if long := max(size.X, size.Y); long > longest {
		size = image.Pt(max(1, size.X*longest/long), max(1, size.Y*longest/long))
		return scale(img, size)
	}
	if rgba, ok := img.(*image.RGBA); ok && rgba.Rect.Min == (image.Point{}) {
		return rgba
	}
	out := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	return out
}

func scale(img image.Image, size image.Point) *image.RGBA {
	out := image.NewRGBA(image.Rectangle{Max: size})
	draw.ApproxBiLinear.Scale(out, out.Rect, img, img.Bounds(), draw.Src, nil)
	return out
}

// orient turns the image the way a camera said it was held: 1 upright, 2 to 8
// mirrored and turned (TIFF 6.0, tag Orientation).
func orient(img *image.RGBA, as int) *image.RGBA {
	if as <= 1 || as > 8 {
		return img
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if as >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			to := turned(x, y, w, h, as)
			copy(out.Pix[out.PixOffset(to.X, to.Y):][:4], img.Pix[img.PixOffset(x, y):][:4])
		}
	}
	return out
}

// turned is where a pixel goes.
func turned(x, y, w, h, as int) image.Point {
	switch as {
	case 2:
		return image.Pt(w-1-x, y)
	case 3:
		return image.Pt(w-1-x, h-1-y)
	case 4:
		return image.Pt(x, h-1-y)
	case 5:
		return image.Pt(y, x)
	case 6:
		return image.Pt(h-1-y, x)
	case 7:
		return image.Pt(h-1-y, w-1-x)
	}
	return image.Pt(y, w-1-x)
}
