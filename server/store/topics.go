package store

import (
	"strconv"
)

const deskTopic = "desk"

func conversationTopic(id int64) string { return "conversation:" + strconv.FormatInt(id, 10) }

func ticketTopic(no string) string { return "ticket:" + no }
