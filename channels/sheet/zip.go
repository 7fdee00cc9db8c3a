package sheet

import (
	"archive/zip"
	"fmt"
	"io"
	"path"
	"strings"
)

// mostParts is how many files a packed file has at most.
const mostParts = 2000

// Unpack opens a packed file after unpacking every part of it once within
// bounds: what its headers say may be a lie. Errors: *Error.
func Unpack(r io.ReaderAt, size int64, l Limits) (*zip.Reader, error) {
	parts, err := zip.NewReader(r, size)
	if err != nil {
		return nil, broken("文件已损坏，打不开。")
	}
	if len(parts.File) > mostParts {
		return nil, broken("文件里的部件太多，不能导入。")
	}
	seen := map[string]bool{}
	var declared uint64
	for _, f := range parts.File {
		if err := strange(f, seen); err != nil {
			return nil, err
		}
		seen[strings.ToLower(f.Name)] = true
		if declared += f.UncompressedSize64; f.UncompressedSize64 > uint64(l.Unpacked) || declared > uint64(l.Unpacked) {
			return nil, broken("文件解压后超过 %d MB，不能导入。", l.Unpacked>>20)
		}
	}
	left := l.Unpacked
	for _, f := range parts.File {
		n, err := weigh(f, min(left, l.Part)+1)
		switch {
		case n > left:
			return nil, broken("文件解压后超过 %d MB，不能导入。", l.Unpacked>>20)
		case n > l.Part:
			return nil, broken("文件里有一个部件解压后超过 %d MB，不能导入，请拆成几个文件。", l.Part>>20)
		case err != nil:
			return nil, broken("文件已损坏，打不开。")
		}
		left -= n
	}
	return parts, nil
}

// strange refuses parts that no office program writes: a name that leads out
// of the file or comes twice, and a password.
func strange(f *zip.File, seen map[string]bool) error {
	const encryptedFlag = 0x1
	name := f.Name
	switch {
	case f.Flags&encryptedFlag != 0:
		return broken("文件设有密码，请去掉密码再导入。")
	case strings.ContainsAny(name, "\\\x00") || path.IsAbs(name) || strings.Contains("/"+name+"/", "/../") || strings.Contains(name, ":"):
		return broken("文件内部的名称不正常，不能导入。")
	case seen[strings.ToLower(name)]:
		return broken("文件内部有重名的部件，不能导入。")
	}
	return nil
}

func weigh(f *zip.File, most int64) (int64, error) {
	r, err := f.Open()
	if err != nil {
		return 0, fmt.Errorf("open part: %w", err)
	}
	defer r.Close()
	return io.Copy(io.Discard, io.LimitReader(r, most))
}
