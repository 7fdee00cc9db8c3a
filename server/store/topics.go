package store

import (
	"strconv"
)

const deskTopic = "desk"

func conversationTopic(id int64) string { return "conversation:" + strconv.FormatInt(id, 10) }

func ticketTopic(no string) string { return "ticket:" + no }

// outageTopic is told when a notice of an outage has changed.
const outageTopic = "outages"

// callsTopic is told when something happened at a person's telephone.
func callsTopic(userID int64) string { return "calls:user:" + strconv.FormatInt(userID, 10) }
