package kb_test

import (
	"errors"
	"testing"

	"quandesk/kb"
)

const askPerson = "请回复“人工”，由工作人员答复。"

func TestWhatNobodyHasCheckedIsToldOnlyWhenItSaysThatWeDoNotKnow(t *testing.T) {
	claims := "周末可以办理过户。" + askPerson
	for _, c := range []struct {
		name string
		kb.Article
		want bool
	}{
		{"a claim nobody has checked", kb.Article{Short: claims}, false},
		{"a claim somebody has checked", kb.Article{Short: "每吨4.2元。", Verified: true}, true},
		{"an open one", kb.Article{Short: "水价这里没有核实。", Next: askPerson, Open: true}, true},
		{"an open one without a person", kb.Article{Short: "水价这里没有核实。", Open: true}, false},
		{"an open one with a figure", kb.Article{Short: "每吨四元二角。", Next: askPerson, Open: true}, false},
		{"an open one that counts as checked", kb.Article{Short: "水价这里没有核实。", Next: askPerson, Open: true, Verified: true}, false},
	} {
		if got := c.Tellable(); got != c.want {
			t.Errorf("%s may be told: %t", c.name, got)
		}
	}
}

func TestAnOpenArticleStatesNoFigureOfAnyKind(t *testing.T) {
	for text, want := range map[string]bool{
		"每吨4.2元": true, "请拨打５５５５": true, "每吨四元二角": true, "在文化东路十号楼": true, "三天内": true,
		"电话零五三一八八八八一二三四": true, "电话零五三一，八八八八，幺二三四": true, "两个工作日办好": true, "每户收费一百": true,
		"收百分之五": true, "半小时到场": true, "三点半下班": true, "周一到周五上班": true, "每吨一块": true, "一个工作日": true,
		"经十路": true, "几十块": true, "壹佰元": true, "④号窗口": true, "第Ⅱ类": true, "一元": true, "打八折": true,
		"这里没有核实": false, "一户一表": false, "请一位工作人员答复": false, "万一停水": false, "千万别喝": false,
		"二次供水的加压费收不收": false, "跟电能一块改名": false, "几天出结果没有写明": false, "说一下地址": false, "第三方平台": false,
		"十分抱歉": false, "快一点": false,
	} {
		a := kb.Article{Short: text, Next: askPerson, Open: true}
		if got := !a.Tellable(); got != want {
			t.Errorf("%s states a figure: %t", text, got)
		}
	}
}

func TestAnOpenArticleWithAFigureOrWithoutAPersonIsRefused(t *testing.T) {
	open := words("水价这里没有核实。")
	open.Verified, open.Open = false, true
	problem := func(change func(*kb.Article)) kb.Problem {
		a := open
		change(&a)
		e := kb.Entry{ID: "valve"}
		_, err := e.Save(writer, a, kb.Written, noon)
		if err == nil {
			_, err = e.Review(writer, noon)
		}
		var field *kb.FieldError
		if errors.As(err, &field) && field.Field == "open" {
			return field.Problem
		}
		if err != nil {
			t.Fatal(err)
		}
		return ""
	}
	for want, change := range map[kb.Problem]func(*kb.Article){
		"":          func(*kb.Article) {},
		kb.Figure:   func(a *kb.Article) { a.Details = "周末可以办理，两个工作日办好，每户收费一百。" },
		kb.NoPerson: func(a *kb.Article) { a.Next = "请到营业网点问。" },
		kb.Clashing: func(a *kb.Article) { a.Verified = true },
	} {
		if got := problem(change); got != want {
			t.Errorf("refused as %q, want %q", got, want)
		}
	}
}
