package bot

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"quandesk/tickets"
	"quandesk/tickets/customer"
	"quandesk/tickets/outage"
)

// Everything the bot says of its own stands in this file. Nothing here names
// a number, price, phone or time of its own: they come from the ticket, the
// knowledge or the resident. The two times of clause 11.2 and the one of
// 7.3.3 are only said beside the deadline of the ticket.

const (
	wordsHello           = "您好，我是供水服务的智能客服。可以问我政策和办事，也可以直接说哪里没水、漏水、水质或水费有问题，我来登记；想找人请回复“人工”。"
	wordsInEnglish       = "可以用英文写。Yes, you can write in English: please tell us what is wrong, where it is, and a phone number."
	wordsMachine         = "我是人工智能客服，不是真人。能答政策、查工单、登记投诉和报修；需要真人请回复“人工”。"
	wordsThanks          = "不客气，还有用水方面的问题随时找我。"
	wordsShrugged        = "是的，没有依据的事我不能随便告诉您。需要工作人员核实后答复，请回复“人工”。"
	wordsNotKnownWhen    = "是的，没有依据的时间我不能随便告诉您。要请工作人员核实后联系您，请留个电话，或回复“登记”。"
	wordsPraised         = "谢谢您的肯定。您的话都留在这个会话里；想请工作人员转达给他本人，请回复“人工”。"
	wordsBye             = "好的，再见。有用水方面的问题随时找我。"
	wordsAnythingElse    = "好的，还有什么需要请直接说。"
	wordsOutOfScope      = "抱歉，这个不在供水服务范围内，我帮不上。水质、水压、停水、漏水、水费水表、报装过户这些可以找我，需要人工请回复“人工”。"
	wordsGas             = "燃气不归供水企业管，我帮不上。闻到燃气味，请马上关燃气总阀、开窗通风，别开关电器、别用明火，到屋外再联系管燃气的单位。"
	wordsOutOfScopeShort = "抱歉，这个不在供水服务范围内，我帮不上。"
	wordsWithheld        = "抱歉，这个我不能回答。水质、水压、停水、漏水、水费水表、报装过户这些可以找我。"
	wordsCare            = "您先别急，先照顾好自己，也请身边的人陪着您；有危险请马上报警或拨打急救电话。"
	wordsUnknown         = "抱歉，这个问题我这里没有查到准确的答复，不能随便告诉您。需要工作人员来答复，请回复“人工”。"
	wordsUnknownAside    = "这个问题我这里没有查到准确的答复，需要的话可以回复“人工”。先把您的事登记完。"
	wordsUnknownShort    = "这个问题我这里没有查到准确的答复，需要的话可以回复“人工”。"
	wordsOtherUnknown    = "您问的另一件我这里没有查到准确的答复，需要的话可以回复“人工”。"
	wordsCallOffToo      = "原来约的回电已取消。"
	wordsOrAsked         = "您要是只想问一问：这一点我这里没有准确的答复，需要工作人员解答请回复“人工”。要反映问题或者办理，我来登记："
	wordsStillWaiting    = "您已经在等待人工的队列里，工作人员接手后会在这里回复您。等待时也可以继续问我，或补充情况。"
	wordsHandedOff       = "已放入人工队列，工作人员接手后会在这里回复您。您可以先把情况、地址和电话写下来，方便他们处理。"
	wordsNoPerson        = "好的，不转人工。还有问题随时在这里说。"
	wordsStillQueued     = "好的。这里已在排队等工作人员，接手的人会看到您说不用了。登记过的事照常办理；想继续问我，直接说就行。"
	wordsPersonComes     = "您要的人工也已排上队，工作人员接手后会在这里回复您。"
	wordsPersonQueued    = "人工已排上队，工作人员接手后会在这里回复您。"
	wordsPersonToo       = "人工也已排上队，工作人员接手后会在这里回复您。"
	wordsHandOffFailed   = "抱歉，暂时没能排上人工。请稍后再回复“人工”试一次，您说的内容都在这里。"

	wordsWhatIsIt = "图片收到了。请用一两句话说明是什么问题、在什么地方，我好为您登记。"
	wordsHeard    = "语音收到了，我还听不了录音。请用一两句话写下是什么问题、在什么地方，我好为您登记。"
	wordsGotVideo = "视频收到了，我还看不了录像。请用一两句话写下是什么问题、在什么地方，我好为您登记。"
	wordsGotImage = "收到了。"

	wordsOutage = "停水的范围和恢复时间以停水公告为准，我这里没有可以答复您的具体时间。" +
		"请告诉我是哪个小区或哪条路；如果家里现在没水，我可以登记，请工作人员核实。"
	wordsNoSuchNotice     = "没有查到这个编号的停水通知，请核对一下。也可以告诉我小区或路名，我按地址查。"
	wordsWhichOutage      = "请告诉我是哪个小区或哪条路，最好有楼号或门牌号，我查一下有没有停水通知。"
	wordsTellMe           = "您请说：是什么事、在什么地方，我来登记。"
	wordsGivenUp          = "好的，这次不登记。以后需要随时找我。"
	wordsBothMatters      = "您说的事我都记下了，挨个登记。"
	wordsOpenFailed       = "抱歉，刚才没有登记成功。您说的内容我都留着，请回复“继续”再试一次，或回复“人工”。"
	wordsAlsoFailed       = "您说的另一件事刚才没有登记成功，请回复“继续”再试一次。"
	wordsBadPhone         = "这个号码好像少了或多了几位，麻烦再发一遍完整的电话号码。"
	wordsSupplementFailed = "抱歉，刚才没有补充成功，请再发一次，或回复“人工”。"
	wordsUrgeFailed       = "抱歉，刚才没有催办成功，请稍后再试，或回复“人工”。"
	wordsCallFailed       = "抱歉，刚才没有办成，请再说一次回电的时间，或回复“人工”。"

	wordsBlamedMore   = "您说的不满意的地方也已记入这张工单，督办时一并处理，不会另开新单。"
	wordsAsBefore     = "好的，其他信息不变。"
	wordsKept         = "都记下了，工作人员看得到。想知道进度，随时在这里问。"
	wordsAlready      = "这件事已经登记过，不会重复开单，您刚说的内容已补充进去。"
	wordsNowComplaint = "这件事已按投诉登记，不会重复开单。"
	wordsRaised       = "这件事已经登记过，我已把它标为紧急并提醒工作人员。"
	wordsWaitingNoted = "您已经在等人工，刚说的也已补充到工单。"
	wordsNoted        = "已更新到您的工单。"
	wordsNoLonger     = "您说不需要了，这一点已补充到工单；工作人员会先与您确认，在那之前仍会继续办理。"
	wordsPleased      = "谢谢您的反馈，已记入您的工单。回访满意的，按规定予以结案。"
	wordsDispleased   = "很抱歉没有让您满意。您的意见已记入工单，不会另开新单。不满意的按规定要升级督办，有了最终结果再回访您。"

	wordsAskTime     = "可以安排回电。您什么时间方便接电话？比如“明天上午十点”。"
	wordsPastTime    = "这个时间已经过了，请换一个之后的时间。"
	wordsNoCallFree  = "最近一个月的回电都约满了。需要人工帮您安排，请回复“人工”。"
	wordsCallGivenUp = "好的，没有安排回电。需要时再告诉我。"

	wordsOthers    = "谁来反映过、说了什么、留的什么号码，都属于别人的个人信息，我不能提供。您自己的事可以直接告诉我；需要工作人员说明，请回复“人工”。"
	wordsNotYours  = "在您这个会话里没有查到这个单号。为保护个人信息，别人的工单内容和电话我不能提供；如果是您本人的，请回复“人工”，由工作人员核实后查询。"
	wordsNoTickets = "在这个会话里没有查到您的工单。如果是通过电话或其他渠道报的，请回复“人工”，由工作人员核实后查询；还没有登记的话，把问题和地址告诉我就行。"
)

var (
	whoAreYou = regexp.MustCompile(`你(?:到底)?是(?:谁|什么|啥|人|真人|机器|机器人|ai|AI|不是)|你叫(?:什么|啥)|(?:机器人|真人|AI|ai)(?:吗|吧|不)`)
	thanks    = regexp.MustCompile(`谢|感谢|辛苦|麻烦(?:你|您)?了|3q|thx|thank`)
	farewell  = regexp.MustCompile(`再见|拜|88|晚安|先这样|没事了|没别的`)
	greeting  = regexp.MustCompile(`(?i)你好|您好|在吗|有人|哈喽|hello|\bhi\b|早上好|上午好|下午好|晚上好|^喂`)
	approval  = regexp.MustCompile(`^(?:好|嗯|哦|行|可以|知道|明白|收到|ok|OK|了解|懂|中)`)
)

var categoryWords = map[tickets.Category]string{
	tickets.WaterQuality: "水质问题", tickets.Pressure: "水压问题", tickets.Outage: "停水无水", tickets.Billing: "水费账单",
	tickets.Meter: "水表抄表", tickets.Leak: "漏水", tickets.Facility: "井盖等供水设施", tickets.Service: "服务问题",
	tickets.Construction: "施工和路面", tickets.Installation: "接水报装", tickets.SecondarySupply: "二次供水", tickets.Other: "其他问题",
}

var kindWords = map[tickets.Kind]string{
	tickets.Complaint: "投诉", tickets.Repair: "报修", tickets.Inquiry: "咨询", tickets.Request: "求助",
	tickets.Suggestion: "建议", tickets.Report: "举报", tickets.Application: "业务办理",
}

var businessWords = map[string]string{
	"new_connection": "接水报装", "transfer": "更名过户", "close_account": "水表销户", "open_day": "供水开放日预约",
	"meter_check": "水表校验", "invoice": "电子发票", "payment": "缴费", "other": "业务",
}

func wordsSameNumber(phone string) string {
	return "好的，工作人员会打" + customer.MaskPhone(phone) + "联系您。"
}

func wordsApplying(business string) string {
	return "您要办的" + businessWords[business] + "，我可以先登记，由工作人员联系您。"
}

func wordsSecondMatter(words string) string {
	return "\n您说的另一件事（" + cut(line(words), 20) + "）我接着登记。"
}

func wordsOutageAt(place string) string {
	return place + "的停水范围和恢复时间以停水公告为准，我这里没有可以答复您的具体时间。" +
		"需要我登记，请工作人员核实后联系您吗？需要的话请留个电话，或回复“登记”。"
}

func wordsNoNotice(place string) string {
	return "没有查到" + place + "的停水通知；这不代表没有停水。" +
		"家里现在没水的话，我可以登记，请工作人员核实后联系您：请留个电话，或回复“登记”。"
}

func wordsExactly(place string) string {
	if place == "" {
		return "请告诉我小区和楼号，或路名和门牌号，我好核对停水通知的范围。"
	}
	return place + "只有一部分在停水通知的范围里。请把地址说得再具体些，比如几区几号楼、多少号门牌，我好核对。"
}

// wordsNotice tells what a notice says of a place (R19).
func wordsNotice(n outage.Notice, place string, now time.Time) string {
	head := "停水通知" + n.No + "。\n"
	if place != "" {
		head = place + "在停水通知" + n.No + "的范围里。\n"
	}
	more := "只有您家没水，或到时间还没来水，请回复“登记”，我来报修。"
	switch {
	case n.State == outage.Restored:
		return head + clock(n.RestoredAt, now) + "恢复供水，停水结束。家里还没有水，请回复“登记”，我来报修。"
	case n.Overdue(now):
		more = "通知的时间过了，还没有恢复供水的消息。需要报修请回复“登记”。"
	}
	return head + "停水范围：" + areaWords(n.Area) + "。\n" + wordsWhen(n, now) + "\n" + more
}

// wordsPerhaps tells of a notice whose boundary is written in words.
func wordsPerhaps(n outage.Notice, place string, now time.Time) string {
	return "有一份停水通知" + n.No + "，范围是" + areaWords(n.Area) + "。" + place + "是不是在里面，我判断不了。\n" +
		wordsWhen(n, now) + "\n家里现在没水，请回复“登记”，我来报修，由工作人员核实。"
}

// wordsWhen is why the water is off and when it is back, by the notice.
func wordsWhen(n outage.Notice, now time.Time) string {
	words := "停水原因：" + n.Reason + "。"
	if n.ExtendReason != "" {
		words += "恢复时间延长，原因：" + n.ExtendReason + "。"
	}
	return words + clock(n.StartAt, now) + "停水，计划" + clock(n.EndAt, now) + "恢复供水。"
}

// question asks for the one thing that is missing.
func (s *scene) question(d *draft) string {
	q := s.questionAlone(d)
	if d.Category == tickets.WaterQuality && drinkable.MatchString(s.text) {
		return join(safety(d.Category, s.text), q)
	}
	return q
}

func (s *scene) questionAlone(d *draft) string {
	switch d.Last {
	case what:
		if d.Kind == tickets.Application {
			return "请问您要办什么业务？比如接水报装、过户、销户、校表。"
		}
		if d.Kind == tickets.Repair && len(d.Words) > 0 {
			return "请说说哪里坏了、什么情况？比如漏水、没水、水压小、水表坏了。"
		}
		if d.Kind == tickets.Suggestion {
			return "请写下您的建议，我来登记，转给有关部门。"
		}
		return "请说说具体是什么问题？比如水质、水压、停水、漏水、水费或服务。"
	case where:
		switch {
		case d.Suggested != "" && d.Asked[where] <= 1:
			return "是在" + d.Suggested + "吗？是的话回复“是”，不是请告诉我地址。"
		case d.public():
			return "请告诉我具体在什么地方？路名、小区或附近的标志都可以。"
		case d.Asked[where] > 1:
			return "麻烦再说一下地点，小区楼号、路口或附近的店名都可以。"
		}
		return "请问是哪里？请告诉我小区、楼号或路名门牌。"
	case phone:
		if d.Anonymous || d.Asked[phone] > 1 {
			return "留个电话方便工作人员联系您，只用于处理这件事；确实不方便，回复“不留”就行。"
		}
		return "请留一个联系电话，工作人员好与您联系；不方便留的话告诉我一声。"
	}
	if d.Soft {
		return ""
	}
	return "请继续说，我来登记。"
}

// wordsOpened is what is said after a ticket was opened, from its row.
func wordsOpened(r Result, d draft, wanted slot, now time.Time) string {
	t := r.Ticket
	if t == nil {
		return wordsOpenFailed
	}
	var lines []string
	if t.Urgent || d.Urgent || t.Category == tickets.WaterQuality && drinkable.MatchString(t.Description) {
		lines = append(lines, safety(t.Category, t.Description))
	} else if t.Kind == tickets.Repair && t.Category == tickets.Leak && indoors.MatchString(t.Description) && !outdoors.MatchString(t.Description) {
		lines = append(lines, wordsShutValve)
	}
	head := kindWords[t.Kind] + "已登记，单号" + t.No + "（" + matterWords(t) + "）。"
	lines = append(lines, head+promise(t, now), checks(t), wordsWanted(wanted, t.ContactPhone != ""))
	return joinLines(lines)
}

// wordsAlso is what is said of the second ticket that was opened in one go.
func wordsAlso(r Result, d draft, now time.Time) string {
	if len(r.Also) == 0 || r.Also[0].Ticket == nil {
		return wordsAlsoFailed
	}
	return wordsOpened(r.Also[0], d, "", now)
}

func matterWords(t *tickets.Ticket) string {
	switch {
	case t.Kind == tickets.Application && businessWords[t.Application] != "":
		return businessWords[t.Application]
	case t.Kind == tickets.Suggestion && t.Category == tickets.Other:
		return "供水服务"
	}
	return categoryWords[t.Category]
}

// promise says what happens next and by when: the running deadlines of the
// ticket and no others.
func promise(t *tickets.Ticket, now time.Time) string {
	var b strings.Builder
	if d := t.Running("R12"); d != nil {
		b.WriteString("抢修人员会在30分钟内（" + clock(d.Due(), now) + "前）到达现场。")
	}
	if d := t.Running("R01"); d != nil {
		b.WriteString("工作人员会在20分钟内（" + clock(d.Due(), now) + "前）联系您")
		if t.ContactPhone == "" {
			b.WriteString("，就在这里回复")
		}
	}
	if d := t.Running("R02"); d != nil {
		if b.Len() > 0 {
			b.WriteString("，")
		}
		b.WriteString("2日内（" + clock(d.Due(), now) + "前）办结。")
	} else if t.Running("R01") != nil {
		b.WriteString("。")
	}
	if b.Len() == 0 {
		b.WriteString("接下来由工作人员受理并与您联系。")
	}
	return b.String()
}

// checks repeats what was understood so that the resident can put it right.
func checks(t *tickets.Ticket) string {
	var parts []string
	if t.Address.Text != "" {
		parts = append(parts, "地点："+t.Address.Text)
	}
	if t.ContactName != "" {
		parts = append(parts, "联系人："+t.ContactName)
	}
	if t.ContactPhone != "" {
		parts = append(parts, "电话："+customer.MaskPhone(t.ContactPhone))
	} else if t.Anonymous {
		parts = append(parts, "没有留电话，有进展会在这里告诉您")
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, "；") + "。有错或要补充，直接在这里说。"
}

// wordsWanted asks for what a ticket was opened without; reachable says that it has a
// phone.
func wordsWanted(s slot, reachable bool) string {
	switch s {
	case where:
		if reachable {
			return "请马上告诉我具体地点，好让工作人员尽快找到您。"
		}
		return "请马上告诉我具体地点和联系电话，好让工作人员尽快找到您。"
	case phone:
		return "方便的话请再留个电话，便于现场联系；不留也照样处理。"
	}
	return ""
}

var (
	electric = regexp.MustCompile(`电`)
	sick     = regexp.MustCompile(`拉肚子|腹泻|吐|住院|急诊|送医|中毒|头晕|疹|过敏|不舒服|受伤|[流满出]血|满脸血|砸[着伤到]|骨折|昏|晕|摔|掉进|掉到|肚子疼|发烧|难受`)
	trapped  = regexp.MustCompile(`被困|困[在住]|埋[在住]|出不来|掉进|掉到|掉下去`)
	// drinkable is asked of water that is told to be bad.
	drinkable = regexp.MustCompile(`(?:能不能|能|可以|敢|让)(?:直接)?喝(?:吗|么|不|呢|了吗|$|[?？，,。 ])|能不能喝`)
	watched   = regexp.MustCompile(`医院|透析|手术|病人`)
)

// indoors is where a resident can shut the valve, outdoors where none can.
var (
	indoors  = regexp.MustCompile(`(?i)厨房|卫生间|洗手间|厕所|浴室|阳台|客厅|卧室|屋里|屋子|[一满]屋|家里|(?:我|俺)家|橱柜|水槽|洗碗池|马桶|地板|天花板|kitchen|bathroom|toilet|ceiling`)
	outdoors = regexp.MustCompile(`路|街|马路|巷|车库|地下室|广场|门口|楼道|门前|院里|井|主管|总管|干管|工地|楼下.{0,6}(?:冒|喷)|外面|楼外|塌|road|street`)
)

// wordsShutValve is what a resident can do before anybody comes.
const wordsShutValve = "水还在流的话，请先关上水表旁的阀门。"

// safety is advice for the minutes before a person is there.
func safety(c tickets.Category, words string) string {
	var b strings.Builder
	switch gas := gasSmelt.MatchString(words); {
	case c == tickets.WaterQuality, c == tickets.SecondarySupply:
		b.WriteString("请先停止饮用自来水，也不要用它做饭，可以接一瓶水样留着。")
	case gas:
		b.WriteString("请先离开有燃气味的地方，别开关电器、别用明火，提醒旁人；燃气也请告诉管燃气的单位。")
	case c == tickets.Leak && indoors.MatchString(words) && !outdoors.MatchString(words):
		b.WriteString(wordsShutValve + "地上有水时，别碰插座和电器。")
	case c == tickets.Leak, c == tickets.Construction, c == tickets.Facility:
		b.WriteString("请先远离积水、塌陷或井口，提醒旁人和车辆绕行。")
	case c == tickets.Outage:
		if watched.MatchString(words) {
			b.WriteString("请先按应急预案用备用水，并告诉我们还能支撑多久。")
		}
	}
	if electric.MatchString(words) && c != tickets.WaterQuality {
		b.WriteString("不要碰带电设备，也不要趟水。")
	}
	if sick.MatchString(words) {
		b.WriteString("有人受伤或不舒服，请尽快就医或拨打急救电话。")
	}
	if trapped.MatchString(words) && c != tickets.WaterQuality {
		b.WriteString("有人被困或遇险，请马上拨打消防救援电话。")
	}
	return b.String()
}

// wordsAlreadyThere tells the number of the ticket that holds the matter.
func wordsAlreadyThere(m Matter, now time.Time) string {
	return "这件事已经登记过，不会重复开单。" + wordsProgress(m, now)
}

// wordsSupplemented is said after words or a correction were added.
func wordsSupplemented(r Result, m Matter, c *tickets.Correction, head string, now time.Time) string {
	text := head + "单号" + m.No + "。"
	if c != nil && r.Ticket != nil {
		if c.ContactPhone != nil {
			text += "电话现在是" + customer.MaskPhone(r.Ticket.ContactPhone) + "。"
		}
		if c.Address != nil {
			text += "地点现在是" + r.Ticket.Address.Text + "。"
		}
		if c.ContactName != nil {
			text += "联系人：" + r.Ticket.ContactName + "。"
		}
		if c.Application != nil {
			text += "要办的业务现在是" + businessWords[r.Ticket.Application] + "。"
		}
	}
	if c != nil && c.Complaint && r.Ticket != nil {
		return join(text, promise(r.Ticket, now))
	}
	return join(text, next(m, now))
}

// wordsNotedAs says back words that could not be read as a place or a number.
func wordsNotedAs(words string) string {
	return "您的更正“" + cut(line(words), 40) + "”已补充到您的工单。"
}

func wordsUrged(m Matter, now time.Time) string {
	return "已为单号" + m.No + "催办。" + next(m, now)
}

func wordsNoPhoneNeeded(m Matter) string {
	return "好的，不留也照样处理，单号" + m.No + "，有进展会在这里告诉您。"
}

var stateWords = map[tickets.State]string{
	tickets.New: "已登记，等待受理", tickets.Accepted: "已受理，等待派单", tickets.Dispatched: "已派单，等待责任部门签收",
	tickets.Signed: "责任部门已签收", tickets.Processing: "正在办理", tickets.Extending: "正在办理，已申请延期，等待审核",
	tickets.Settled: "已办结，等待回访", tickets.Calling: "已办结，正在回访", tickets.Escalated: "已升级督办，等待重新办理",
	tickets.Closed: "已结案", tickets.Returning: "正在核实责任单位", tickets.Returned: "已退回，不属于供水方面处理",
	tickets.Merged: "已并入同一件事的工单一起办理", tickets.Void: "已取消，不再办理", tickets.Answered: "已答复",
}

// wordsProgress is where a ticket stands, in plain words.
func wordsProgress(m Matter, now time.Time) string {
	text := "单号" + m.No + "（" + categoryWords[m.Category] + kindWords[m.Kind] + "）：" + stateWords[m.State]
	if m.Department != "" && (m.State == tickets.Dispatched || m.State == tickets.Signed || m.State == tickets.Processing) {
		text += "，由" + m.Department + "负责"
	}
	text += "。"
	if m.Reply != "" && !m.SettledAt.IsZero() {
		text += "答复：" + cut(line(m.Reply), 80) + "。"
	}
	return text + next(m, now)
}

// next says what comes next on a ticket and by when.
func next(m Matter, now time.Time) string {
	var b strings.Builder
	if !m.CallbackAt.IsZero() && m.CallbackAt.After(now) {
		b.WriteString("已预约" + clock(m.CallbackAt, now) + "回电。")
	}
	switch m.State {
	case tickets.New, tickets.Accepted, tickets.Dispatched, tickets.Signed, tickets.Processing, tickets.Extending, tickets.Escalated:
		due := m.ContactBy
		if due.IsZero() {
			due = m.ReceivedAt.Add(contactWithin)
		}
		if m.ContactedAt.IsZero() && (m.Kind == tickets.Complaint || m.Kind == tickets.Report) {
			if due.After(now) {
				b.WriteString("工作人员会在20分钟内（" + clock(due, now) + "前）联系您。")
			} else {
				b.WriteString("20分钟的联系时限（" + clock(due, now) + "）已过，还没有联系记录，很抱歉；要催办请回复“催办”，要找人请回复“人工”。")
			}
		}
		if m.ArriveBy.After(now) {
			b.WriteString("抢修人员会在30分钟内（" + clock(m.ArriveBy, now) + "前）到达现场。")
		}
		switch {
		case m.FinishBy.IsZero():
		case m.FinishBy.After(now):
			b.WriteString("办结时限是" + clock(m.FinishBy, now) + "。")
		default:
			b.WriteString("办结时限" + clock(m.FinishBy, now) + "已过，很抱歉；要催办请回复“催办”。")
		}
	case tickets.Settled, tickets.Calling:
		b.WriteString("接下来会有专人回访，满意后才结案；不满意请直接告诉我。")
	case tickets.Closed:
		b.WriteString("如果问题又出现，请直接告诉我。")
	case tickets.Returned, tickets.Void:
		b.WriteString("有疑问请回复“人工”。")
	}
	return b.String()
}

const contactWithin = 20 * time.Minute // clause 11.2: from receipt of the complaint

func wordsAskCallPhone(at string) string {
	return "好的，" + at + "。请问打哪个电话找您？"
}

func wordsCallBooked(r Result, c call, moved bool, now time.Time) string {
	at := r.At
	if at.IsZero() {
		at = c.At
	}
	text := "回电已约在"
	if moved {
		text = "回电已改到"
	}
	text += spokenTime(c.Said, at, now) + "，打" + customer.MaskPhone(c.Phone) + "。"
	if r.Ticket != nil {
		text += "单号" + r.Ticket.No + "。"
	}
	return text + "要改时间或取消，直接告诉我。"
}

func wordsCallStands(at string) string {
	return "回电约在" + at + "，只打这一次约好的电话。要改时间或取消，直接告诉我。"
}

// wordsCallFull names the nearest free times instead of the wanted one.
func wordsCallFull(wanted time.Time, e *tickets.SlotError, now time.Time) string {
	text := clock(wanted, now) + "的回电已经约满。"
	if e.Closed {
		text = clock(wanted, now) + "没有人员回电。"
	}
	text += "最近可以约" + clock(e.Free[0], now) + "，可以吗？"
	if len(e.Free) > 1 {
		var others []string
		for _, t := range e.Free[1:] {
			others = append(others, clock(t, now))
		}
		text += "也可以约" + strings.Join(others, "、") + "，或者您说一个时间。"
	}
	return text
}

func wordsCalledOften(day time.Time) string {
	return "这个号码" + day.In(tickets.Beijing).Format("1月2日") + "已经约了三次回电，当天不能再约。您可以换一天，或回复“人工”。"
}

func wordsCallCancelled(at string) string {
	return "原定" + at + "的回电已取消。需要时再告诉我。"
}

// wordsCallWithdrawn also says that the ticket, which was only the call, is gone.
func wordsCallWithdrawn(at, no string) string {
	return "原定" + at + "的回电已取消，单号" + no + "也一并撤回，不再办理。需要时再告诉我。"
}

// cut shortens words to n characters.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n]) + "…"
}

// line makes one line of words, without the full stop at its end.
func line(s string) string {
	return strings.TrimRight(strings.ReplaceAll(s, "\n", " "), "。. ")
}

func joinLines(lines []string) string {
	var out []string
	for _, l := range lines {
		if l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

// wordsStillOpen does not claim that a ticket was withdrawn.
func wordsStillOpen(no string) string {
	return "单号" + no + "已经登记，仍会继续办理。确实不需要了，请回复“撤回”。"
}
