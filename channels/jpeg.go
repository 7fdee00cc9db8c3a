package channels

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"iter"
)

// segments yields marker and content of the segments of a JPEG up to its
// first scan. It ends without error where the file is broken: the decoder
// says so.
func segments(data []byte) iter.Seq2[byte, []byte] {
	return func(yield func(byte, []byte) bool) {
		const startOfScan = 0xda
		at := 2 // after the start of the image
		for at+4 <= len(data) && data[at] == 0xff {
			marker := data[at+1]
			if marker == 0xff { // a fill byte
				at++
				continue
			}
			end := at + 2 + int(binary.BigEndian.Uint16(data[at+2:]))
			if marker == startOfScan || end < at+4 || end > len(data) {
				return
			}
			if !yield(marker, data[at+4:end]) {
				return
			}
			at = end
		}
	}
}

// jpegMemory is what decoding takes: the samples, for a progressive file four
// bytes more for each because it comes in several passes, and a second image
// for colours other than brightness and two differences.
func jpegMemory(data []byte, c image.Config) int64 {
	const (
		progressive = 0xc2 // the last frame marker that is taken; c0 baseline, c1 extended
		components  = 5    // where a frame header says how many it has
	)
	samples, passes := int64(40), false
	for marker, s := range segments(data) {
		if marker < 0xc0 || marker > progressive || len(s) <= components {
			continue
		}
		samples, passes = 10*int64(s[components]), marker == progressive
		if quartered(s) {
			samples = 15
		}
	}
	if passes {
		samples *= 5
	}
	if c.ColorModel == color.RGBAModel || c.ColorModel == color.CMYKModel {
		samples += 40
	}
	return samples
}

// quartered reports 4:2:0: brightness in twice the resolution of the colours
// both ways, as nearly every camera writes.
func quartered(frame []byte) bool {
	const sampling = 7 // of the first component; the others follow at three bytes
	return len(frame) > sampling+6 && frame[sampling] == 0x22 &&
		frame[sampling+3] == 0x11 && frame[sampling+6] == 0x11
}

// orientation is the EXIF tag of a JPEG, 1 (upright) for everything else.
func orientation(data []byte) int {
	const app1 = 0xe1
	if !bytes.HasPrefix(data, []byte("\xff\xd8")) {
		return 1
	}
	for marker, s := range segments(data) {
		if tiff, ok := bytes.CutPrefix(s, []byte("Exif\x00\x00")); ok && marker == app1 {
			return tiffOrientation(tiff)
		}
	}
	return 1
}

// tiffOrientation reads tag 0x0112 of the first directory.
func tiffOrientation(tiff []byte) int {
	const (
		header = 8  // byte order, 42, offset of the first directory
		entry  = 12 // tag, type, count, value
		tag    = 0x0112
		short  = 3
	)
	if len(tiff) < header {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 1
	}
	n := int(order.Uint16(tiff[at:]))
	for entries := tiff[at+2:]; n > 0 && len(entries) >= entry; n, entries = n-1, entries[entry:] {
		if order.Uint16(entries) == tag && order.Uint16(entries[2:]) == short {
			return int(order.Uint16(entries[8:]))
		}
	}
	return 1
}
