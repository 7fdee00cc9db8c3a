package web

import (
	"fmt"
	"strings"

	"github.com/danielgtaylor/huma/v2/validation"
)

// complaints are what the API library finds wrong, by the variables it
// exports, and what people are told of it.
var complaints = []struct{ found, sentence string }{
	{validation.MsgUnexpectedProperty, "「%s」不是可以填写的项目，请删除后再提交。"},
	{"unknown query parameter", "「%s」不是可以使用的查询条件，请删除后再试。"},
	{validation.MsgExpectedString, "「%s」须为文字。"},
	{validation.MsgExpectedNumber, "「%s」须为数字。"},
	{validation.MsgExpectedInteger, "「%s」须为整数。"},
	{"invalid integer", "「%s」须为整数。"},
	{"invalid float", "「%s」须为数字。"},
	{validation.MsgExpectedBoolean, "「%s」只能填是或否。"},
	{"invalid boolean", "「%s」只能填是或否。"},
	{validation.MsgExpectedArray, "「%s」须为列表。"},
	{validation.MsgExpectedObject, "「%s」的格式有误。"},
	{validation.MsgExpectedRFC3339DateTime, "「%s」须为带时区的完整时间。"},
	{validation.MsgExpectedRFC3339Date, "「%s」须为日期。"},
	{validation.MsgExpectedOneOf, "「%s」不在可选范围内。"},
	{validation.MsgExpectedMinLength, "「%s」内容太少，请补充完整。"},
	{validation.MsgExpectedMaxLength, "「%s」内容太长，请精简后再提交。"},
	{validation.MsgExpectedMinItems, "「%s」数量太少。"},
	{validation.MsgExpectedMaxItems, "「%s」数量太多。"},
	{validation.MsgExpectedMinimumNumber, "「%s」的数值太小。"},
	{validation.MsgExpectedMaximumNumber, "「%s」的数值太大。"},
	{"required query parameter is missing", "请填写「%s」。"},
	{"required path parameter is missing", "请填写「%s」。"},
	{"required header parameter is missing", "请填写「%s」。"},
}

// detailSentence says what is wrong with one field of a request.
func detailSentence(field, found string) string {
	if missing, ok := missingProperty(found); ok {
		return fmt.Sprintf("请填写「%s」。", named(fieldNames, missing))
	}
	for _, c := range complaints {
		text, _, parametrised := strings.Cut(c.found, "%")
		if found == c.found || parametrised && strings.HasPrefix(found, text) {
			return fmt.Sprintf(c.sentence, named(fieldNames, field))
		}
	}
	return fmt.Sprintf("「%s」填写有误，请核对后再提交。", named(fieldNames, field))
}

// missingProperty reads the name out of what is said about a missing field:
// the location names only the object around it.
func missingProperty(found string) (string, bool) {
	before, after, _ := strings.Cut(validation.MsgExpectedRequiredProperty, "%s")
	name, ok := strings.CutPrefix(found, before)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(name, after)
}
