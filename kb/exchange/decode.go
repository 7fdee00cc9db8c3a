package exchange

import "quandesk/channels/sheet"

// decode returns text in whichever way Chinese offices write it.
func decode(raw []byte) (string, error) {
	text, err := sheet.Decode(raw)
	if err != nil {
		return "", told(err)
	}
	return string(text), nil
}
