package web

import (
	"fmt"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"quandesk/channels/hotline12345"
)

const pushDescription = "12345平台推送一张工单。请求体为一个 JSON 对象，字段可用平台原名（如 `HotLineWorkNumber`）或本系统字段名" +
	"（如 `external_no`），不认识的字段原样保存。\n\n" +
	"签名：`X-Hotline-Signature` 为十六进制的 HMAC-SHA256，密钥双方约定，签名内容为 `时间戳.随机串.请求体`，" +
	"即 `X-Hotline-Timestamp`、`X-Hotline-Nonce` 和原始请求体用英文句点相连。时间戳与本系统相差不得超过300秒；" +
	"随机串每次推送不同，保留10分钟：同一请求再次到达返回409和首次处理的结果，不会重复登记。\n\n" +
	"命令行示例：\n```\nts=$(date +%s); nonce=$(openssl rand -hex 16)\n" +
	"sig=$(printf '%s.%s.%s' \"$ts\" \"$nonce\" \"$body\" | openssl dgst -sha256 -hmac \"$secret\" -hex | sed 's/.*= //')\n" +
	"curl -H \"X-Hotline-Timestamp: $ts\" -H \"X-Hotline-Nonce: $nonce\" -H \"X-Hotline-Signature: $sig\" \\\n" +
	"  -H 'Content-Type: application/json' -d \"$body\" https://…/hotline12345/orders\n```"

var pushExample = map[string]any{
	"HotLineWorkNumber": "260302093015001204", "MessageType": "0", "linkPerson": "李女士", "linkPhone": "13812345678",
	"address": "历下区文化东路88号", "ldlbid": "投诉", "quesTypeInfo": "城乡建设/供水/水质", "content": "家中自来水发黄两天，请尽快处理。",
	"sendTime": "2026-03-02 09:35:00", "endDate": "2026-03-09 18:00:00", "isSecret": "0", "isReply": "1",
}

// describeOrders describes the door for signed pushes, which is not below the
// prefix of the other operations.
func (s *Site) describeOrders(api huma.API) {
	document := api.OpenAPI()
	header := func(name, doc string) *huma.Param {
		return &huma.Param{Name: name, In: "header", Required: true, Description: doc, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	op := operation{tag: tagHotline, method: fiber.MethodPost, path: ordersPath, summary: "推送12345工单（须签名）",
		statuses: []int{401, 403}}
	described := op.described("push-order")
	described.Description, described.Servers = pushDescription, []*huma.Server{{URL: "/"}}
	described.Parameters = []*huma.Param{
		header(timestampHeader, "发送时刻，Unix 秒数"), header(nonceHeader, "8至64个字母、数字、短横线或下划线，每次不同"),
		header(signatureHeader, "十六进制的 HMAC-SHA256"),
	}
	described.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		fiber.MIMEApplicationJSON: {Schema: orderSchema(), Example: pushExample},
	}}
	for status, doc := range map[int]string{
		201: "已登记为新工单", 200: "此前已收到，或已记入原工单", 202: "尚未收到原工单，已暂存",
		409: "同一请求此前已处理（返回首次结果）；或内容与已登记的不同（未覆盖）",
	} {
		described.Responses[fmt.Sprint(status)] = &huma.Response{Description: doc,
			Content: map[string]*huma.MediaType{fiber.MIMEApplicationJSON: {Schema: receiptSchema()}}}
	}
	if document.Paths == nil {
		document.Paths = map[string]*huma.PathItem{}
	}
	document.Paths[ordersPath] = &huma.PathItem{Post: &described}
}

func orderSchema() *huma.Schema {
	properties := map[string]*huma.Schema{}
	for _, f := range hotline12345.Fields() {
		properties[f.Key] = &huma.Schema{Type: huma.TypeString, Description: f.Label + "；也可写作 " + f.Names}
	}
	return &huma.Schema{Type: huma.TypeObject, Properties: properties, AdditionalProperties: true,
		Description: "至少要有工单编号和诉求内容（催办单等只要工单编号）。"}
}

func receiptSchema() *huma.Schema {
	text := func(doc string) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Description: doc} }
	list := func(doc string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}, Description: doc}
	}
	return &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{
		"result":      text("处理结果：opened、known、updated、conflict、urged、reopened、supplemented、supervised 或 parked"),
		"external_no": text("工单编号"), "event_type": text("办理单类型"), "ticket_no": text("本系统工单编号；暂存时没有"),
		"urges": {Type: huma.TypeInteger, Description: "累计催办次数"}, "flags": list("需要核对的内容"),
		"changed": list("与已登记内容不同的字段"), "message": text("说明"), "error": problemSchema().Properties["error"],
	}}
}
