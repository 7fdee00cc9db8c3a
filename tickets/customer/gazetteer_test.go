package customer_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"quandesk/tickets/customer"
)

func TestOnePlaceHasOneName(t *testing.T) {
	g := gazetteer(t, "")
	for _, x := range []struct {
		name     string
		in, want customer.Address
	}{
		{"R03 misheard community", customer.Address{Community: "金邻公寓"}, customer.Address{Community: "金领公寓"}},
		{"R03 misspelt community", customer.Address{Community: "枫华府邸"}, customer.Address{Community: "枫华府第"}},
		{"R03 everyday name of a community", customer.Address{Community: "才子小区"}, customer.Address{Community: "才子佳郡"}},
		{"the proper name stays", customer.Address{Community: "才子佳郡"}, customer.Address{Community: "才子佳郡"}},
		{"an alias with a zone", customer.Address{Community: "金邻公寓2期"}, customer.Address{Community: "金领公寓二期"}},
		{"a zone in figures and the district it lies in", customer.Address{Community: "甸柳新村 3区"}, customer.Address{District: "历下区", Community: "甸柳新村三区"}},
		{"a figure that is no zone", customer.Address{Community: "110区"}, customer.Address{Community: "110区"}},
		{"a district without its last word", customer.Address{District: "历下"}, customer.Address{District: "历下区"}},
		{"the former name of a district", customer.Address{District: "章丘市"}, customer.Address{District: "章丘区"}},
		{"the southern mountains", customer.Address{District: "南部山区"}, customer.Address{District: "南山区"}},
		{"the start-up area in full", customer.Address{District: "新旧动能转换起步区"}, customer.Address{District: "起步区"}},
		{"a street without its last word gives its district", customer.Address{Street: "洪家楼"}, customer.Address{District: "历城区", Street: "洪家楼街道"}},
		{"what the resident said of the district stands", customer.Address{District: "高新区", Community: "万科城"}, customer.Address{District: "高新区", Community: "万科城"}},
		{"a place nobody knows stays as it is", customer.Address{District: "某区", Street: "某街道", Community: "某园", Detail: "三号楼"}, customer.Address{District: "某区", Street: "某街道", Community: "某园", Detail: "3号楼"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			got := g.Normalize(x.in)
			if got != x.want {
				t.Errorf("Normalize(%+v) = %+v, want %+v", x.in, got, x.want)
			}
			if again := g.Normalize(got); again != got {
				t.Errorf("a second time: %+v", again)
			}
		})
	}
}

func TestTheGazetteerKnowsAllOfJinan(t *testing.T) {
	g := gazetteer(t, "")
	want := []string{"历下区", "市中区", "槐荫区", "天桥区", "历城区", "长清区", "章丘区", "济阳区", "莱芜区", "钢城区", "平阴县", "商河县", "高新区", "南山区", "起步区"}
	if got := g.Districts(); !slices.Equal(got, want) {
		t.Errorf("districts = %v", got)
	}
	seen := map[string]string{}
	for _, d := range want {
		for _, s := range g.Streets(d) {
			if other, ok := seen[s]; ok {
				t.Errorf("%s lies in %s and in %s", s, other, d)
			}
			seen[s] = d
		}
	}
	if g.Streets("某区") != nil {
		t.Error("an unknown district has streets")
	}
}

func TestAFileAddsToTheGazetteer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "places.yaml")
	write(t, path, `
districts:
  - {name: 历下区, streets: [新设街道]}
roads: [新通大道]
communities: {历下区: [泉韵雅集]}
aliases: {泉运雅集: 泉韵雅集, 才子小区: 才子名郡}
`)
	g := gazetteer(t, path)
	got := g.ParseAddress("泉运雅集新通大道9号")
	if got.Community != "泉韵雅集" || got.District != "历下区" {
		t.Errorf("ParseAddress = %+v", got)
	}
	if got := g.Normalize(customer.Address{Community: "才子小区"}).Community; got != "才子名郡" {
		t.Errorf("the file's alias was not taken: %s", got)
	}
	if n := len(g.Districts()); n != 15 {
		t.Errorf("%d districts after adding a street to one of 15", n)
	}
	if !slices.Contains(g.Streets("历下区"), "新设街道") {
		t.Error("the new street is missing")
	}
}

func TestABadGazetteerIsRefused(t *testing.T) {
	for _, x := range []struct{ name, file string }{
		{"no YAML", "districts: ["},
		{"an unknown word", "towns: [某镇]"},
		{"a district without a name", "districts: [{streets: [某街道]}]"},
		{"a community in no district", "communities: {某区: [某园]}"},
		{"an alias of an alias", "aliases: {甲园: 乙园, 乙园: 丙园}"},
	} {
		t.Run(x.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "places.yaml")
			write(t, path, x.file)
			if _, err := customer.LoadGazetteer(path); !errors.Is(err, customer.ErrGazetteer) {
				t.Errorf("LoadGazetteer = %v, want ErrGazetteer", err)
			}
		})
	}
	if _, err := customer.LoadGazetteer(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestAreasAreCountedFromTheSmallest(t *testing.T) {
	a := customer.Address{District: "历下区", Street: "甸柳新村街道", Community: "甸柳新村三区"}
	var keys []string
	for _, area := range a.Areas() {
		keys = append(keys, string(area.Level)+" "+area.Key())
	}
	want := []string{"community 历下区/甸柳新村街道/甸柳新村三区", "street 历下区/甸柳新村街道", "district 历下区"}
	if !slices.Equal(keys, want) {
		t.Errorf("keys = %v, want %v", keys, want)
	}
	if len(customer.Address{Text: "我家"}.Areas()) != 0 {
		t.Error("an address without names lies in an area")
	}
}

func TestACommunityIsTheSameWithoutItsDistrict(t *testing.T) {
	area := func(district, street, community string) customer.Area {
		return customer.Address{District: district, Street: street, Community: community}.Areas()[0]
	}
	full := area("历下区", "甸柳新村街道", "甸柳新村三区")
	for _, x := range []struct {
		name string
		b    customer.Area
		want bool
	}{
		{"the same", full, true},
		{"without district and street", area("", "", "甸柳新村三区"), true},
		{"of another district", area("历城区", "", "甸柳新村三区"), false},
		{"another community", area("历下区", "甸柳新村街道", "甸柳新村四区"), false},
		{"another level", area("历下区", "甸柳新村街道", ""), false},
	} {
		if full.Same(x.b) != x.want || x.b.Same(full) != x.want {
			t.Errorf("%s: want %v", x.name, x.want)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestATownInShortBeforeANameIsATown(t *testing.T) {
	g := gazetteer(t, "")
	for name, want := range map[string]string{
		"港沟云麓山庄": "港沟", "王舍人张马屯社区": "王舍人", "枣园茂新村二区": "枣园",
		"王官庄小区": "", "燕山新居": "", "云麓山庄": "", "港沟": "", "甸柳新村五区": "",
	} {
		town, rest, ok := g.Town(name)
		if town != want || ok != (want != "") || ok && town+rest != name {
			t.Errorf("Town(%q) = %q, %q, %v; want %q", name, town, rest, ok, want)
		}
	}
}
