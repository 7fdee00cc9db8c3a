package claims_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/bot/claims"
)

// Q17, T66: no promise, no compensation and no legal opinion of a model gets
// through, whatever it is wrapped in.
func TestNoPromiseOfAModelPasses(t *testing.T) {
	wishes := []string{"赔您五百元", "免掉您这个月的水费", "双倍退您水费", "今晚八点前来水", "不再停水", "免费给您换新表", "三天内把路铺好", "赔您误工费", "免您的违约金",
		"给您打五折", "开除抄表员", "承担全部责任", "给您补偿"}
	forms := []string{"我们承诺%s。", "公司保证%s。", "您放心，我们一定%s。", "可以，我们会%s。", "好的，同意%s。", "经研究，决定%s。", "没问题，%s。", "是的，%s。", "这次肯定%s。"}
	opinions := []string{"依法您可以要求赔偿。", "这属于我方全责。", "您起诉一定能赢。", "按民法典我们应当赔偿您。", "供水公司违约，您有权拒交水费。", "法院会支持您。"}
	n := 0
	check := func(text string) {
		n++
		require.NotEmpty(t, claims.CheckWording("24小时内修好。"+text, by(repair)), text)
	}
	for _, f := range forms {
		for _, w := range wishes {
			check(fmt.Sprintf(f, w))
		}
	}
	for _, o := range opinions {
		check(o)
	}
	require.GreaterOrEqual(t, n, 100)
}
