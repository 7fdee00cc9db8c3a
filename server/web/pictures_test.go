package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"mime/multipart"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sends posts the form under a conversation with files beside the words.
func (b *browser) sends(path, text string, files ...[]byte) answer {
	b.house.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	require.NoError(b.house.t, errors.Join(w.WriteField("_csrf", b.csrf), w.WriteField("client_id", "s-"+text), w.WriteField("text", text)))
	for _, data := range files {
		f, err := w.CreateFormFile("image", "照片.png")
		require.NoError(b.house.t, err)
		_, err = f.Write(data)
		require.NoError(b.house.t, err)
	}
	require.NoError(b.house.t, w.Close())
	return b.ask("POST", path, w.FormDataContentType(), body.Bytes(), asFragment)
}

func TestStaffSendPicturesAndOnlyTheirResidentSeesThem(t *testing.T) {
	h := openHouse(t)
	resident, other, agent := h.resident(), h.resident(), h.signedIn("agent")
	resident.post("/chat/messages", url.Values{"text": {"转人工"}}).is(303)
	id := regexp.MustCompile(`id="row-(\d+)"`).FindStringSubmatch(agent.get("/desk?view=all&order=new").is(200).text)[1]
	form := "/desk/conversations/" + id + "/attachments"
	var picture bytes.Buffer
	require.NoError(t, png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 4, 4))))

	require.Contains(t, agent.get("/desk/conversations/"+id, asFragment).text, `action="`+form+`"`, "the box sends there")
	require.Contains(t, agent.sends(form, "只有文字\u202e").is(200).text, ">只有文字<")
	shown := agent.sends(form, "请看总阀的位置", picture.Bytes()).is(200).text
	require.Contains(t, shown, "请看总阀的位置")
	href := regexp.MustCompile(`src="(/desk/conversations/\d+/images/([^"]+))"`).FindStringSubmatch(shown)
	require.NotNil(t, href, shown)
	agent.get(href[1]).is(200)
	require.Contains(t, resident.get("/").text, "/chat/images/"+href[2])
	resident.get("/chat/images/" + href[2]).is(200)
	other.get("/chat/images/" + href[2]).is(404)
	agent.sends(form, "", picture.Bytes()).is(200)

	require.Contains(t, agent.sends(form, "坏文件", []byte("<script>")).is(415).text, "该文件不是可用的图片")
	p := picture.Bytes()
	agent.sends(form, "太多", p, p, p, p, p).is(422)
	agent.sends(form, "").is(422)
	require.NotContains(t, resident.get("/").text, "坏文件", "refused as a whole")
}

func TestStaffSendPicturesThroughTheAPI(t *testing.T) {
	h := openHouse(t)
	resident, agent := h.resident(), h.signedIn("agent")
	resident.post("/chat/messages", url.Values{"text": {"转人工"}}).is(303)
	id := regexp.MustCompile(`id="row-(\d+)"`).FindStringSubmatch(agent.get("/desk?view=all&order=new").is(200).text)[1]
	var picture bytes.Buffer
	require.NoError(t, png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 4, 4))))
	up := func(data []byte) answer {
		return h.uploadTo("/api/v1/conversations/"+id+"/attachments", h.as("agent"), data)
	}
	var kept struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(up(picture.Bytes()).is(201).text), &kept))
	up([]byte("GIF89a")).is(415)
	base := "/api/v1/conversations/" + id + "/messages"
	a := h.send("POST", base, h.as("agent"), map[string]any{"client_id": "1", "text": "", "images": []string{kept.ID}}).is(201)
	require.Contains(t, a.text, kept.ID)
	h.send("POST", base, h.as("agent"), map[string]any{"client_id": "2", "text": "", "images": []string{strings.Repeat("0", 32)}}).is(404)
	h.send("POST", base, h.as("agent"), map[string]any{"client_id": "3", "text": ""}).is(422)
}
