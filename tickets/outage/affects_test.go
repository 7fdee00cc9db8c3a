package outage_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/tickets/customer"
	"quandesk/tickets/outage"
)

func TestAPlaceLiesInTheAreaOnlyByItsOwnName(t *testing.T) {
	area := outage.Area{
		Districts: []string{"历下区"}, Streets: []string{"文化东路", "和平路1-99号"},
		Compounds: []string{"甸柳新村三区", "金领公寓", "燕子山小区", "科院小区1-5号楼"},
	}
	for place, want := range map[string]outage.Match{
		"文化东路63号":         outage.Within,
		"文化东路":            outage.Within, // a road without a number is the road
		"历下区文化东路63号3号楼":   outage.Within,
		"文化西路63号":         outage.Elsewhere,
		"历城区文化东路63号":      outage.Elsewhere,
		"和平路15号":          outage.Within,
		"和平路":             outage.Possibly, // only some numbers are concerned
		"和平路120号":         outage.Elsewhere,
		"甸柳新村三区5号楼":       outage.Within,
		"甸柳新村3区5号楼":       outage.Within,
		"甸柳新村五区5号楼":       outage.Elsewhere,
		"甸柳新村5号楼":         outage.Possibly, // which part of it?
		"金邻公寓2号楼":         outage.Within,   // the other name of the same place
		"历下区金领公寓":         outage.Within,
		"燕山小区3号楼":         outage.Elsewhere, // the neighbour that sounds alike
		"燕子山小区3号楼402":     outage.Within,
		"科院小区3号楼":         outage.Within,
		"科院小区8号楼":         outage.Elsewhere,
		"科院小区":            outage.Possibly,
		"历下区":             outage.Possibly,
		"历城区":             outage.Elsewhere,
		"市中区王官庄小区3号楼":     outage.Elsewhere,
		"文化东路羊头峪小区6号楼":    outage.Possibly, // on the road, but not among the compounds named
		"":                outage.Elsewhere,
		"工人新村南村3号楼":       outage.Elsewhere,
		"省立医院":            outage.Elsewhere,
		"历下区和平路99号甸柳新村三区": outage.Within,
	} {
		require.Equalf(t, want, area.Affects(customer.ParseAddress(place)), "%s", place)
	}
}

func TestAWholeCompoundHoldsItsZonesAndNotTheVillageNextToIt(t *testing.T) {
	area := outage.Area{Districts: []string{"天桥区"}, Compounds: []string{"工人新村", "翡翠外滩"}}
	require.Equal(t, outage.Within, area.Affects(customer.ParseAddress("工人新村二区3号楼")))
	require.Equal(t, outage.Elsewhere, area.Affects(customer.ParseAddress("工人新村南村3号楼")))
	require.Equal(t, outage.Within, area.Affects(customer.ParseAddress("重汽翡翠外滩3号楼")))
	require.Equal(t, outage.Elsewhere, area.Affects(customer.ParseAddress("翡翠清河3号楼")))
}

func TestASubdistrictHoldsWhoSaysThatHeLivesInIt(t *testing.T) {
	area := outage.Area{Districts: []string{"历下区"}, Streets: []string{"甸柳新村街道"}}
	require.Equal(t, outage.Within, area.Affects(customer.ParseAddress("历下区甸柳新村街道燕子山小区")))
	require.Equal(t, outage.Elsewhere, area.Affects(customer.ParseAddress("历下区燕子山小区")))
}

func TestABoundaryInWordsIsNeverMoreThanPossibly(t *testing.T) {
	area := outage.Area{Districts: []string{"历下区"}, Bounds: "东至燕山立交桥，西至山大路，南至经十路，北至文化东路"}
	require.Equal(t, outage.Possibly, area.Affects(customer.ParseAddress("文化东路63号")))
	require.Equal(t, outage.Elsewhere, area.Affects(customer.ParseAddress("历城区花园路1号")))
}

// BenchmarkAffects looks a place up in an area of sixty places.
func BenchmarkAffects(b *testing.B) {
	var area outage.Area
	area.Districts = []string{"历下区"}
	for range 30 {
		area.Streets = append(area.Streets, "和平路1-99号")
		area.Compounds = append(area.Compounds, "甸柳新村三区1-5号楼")
	}
	place := customer.ParseAddress("历下区文化东路63号3号楼")
	for b.Loop() {
		area.Affects(place)
	}
}
