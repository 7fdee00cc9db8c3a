#!/bin/sh
# Tells Quandesk what happened to a call. An exchange runs it three times for a
# call: when a telephone rings, when somebody answers, when it ends.
#
#   report-call.sh EVENT CALL_ID CALLER CALLEE [EXTENSION] [DIRECTION]
#
#   EVENT      ringing, answered or ended
#   CALL_ID    what the exchange calls this call: the same for all three
#   CALLER     who calls; for outgoing calls our own line
#   CALLEE     who is called; for incoming calls our line
#   EXTENSION  the agent's telephone (set per person by the administrator: 话机)
#   DIRECTION  inbound (default) or outbound
#
# The key is made once on the page 话机 or with POST /api/v1/keys and stands in
# a file that only the exchange may read:
#
#   install -m 600 -o asterisk /dev/stdin /etc/quandesk/call-key   (then paste it)
#
# QUANDESK_URL and QUANDESK_KEY_FILE may name other places. An event that is told
# twice counts once, and the order does not matter, so a failed try is repeated.
# What the telephone network says of the caller is not trusted: only what can
# stand in a number or an id gets through.
set -eu

url=${QUANDESK_URL:-http://127.0.0.1:8080}
key_file=${QUANDESK_KEY_FILE:-/etc/quandesk/call-key}

digits() { printf %s "$1" | tr -cd '0-9*#+' | cut -c1-40; }

event=$(printf %s "$1" | tr -cd 'a-z')
call_id=$(printf %s "$2" | tr -cd 'A-Za-z0-9._@:-' | cut -c1-100)
caller=$(digits "$3")
callee=$(digits "$4")
extension=$(digits "${5:-}" | cut -c1-10)
direction=$(printf %s "${6:-inbound}" | tr -cd 'a-z')
at=$(date -u +%Y-%m-%dT%H:%M:%SZ)

# The key is read from a file and given to curl in another: it stands in no
# list of processes.
printf 'header = "Authorization: Bearer %s"\n' "$(tr -d '\r\n' <"$key_file")" |
	curl --silent --show-error --fail --max-time 3 --retry 8 --retry-all-errors --retry-max-time 60 \
		--config - \
		--header 'Content-Type: application/json' \
		--data "{\"call_id\":\"$call_id\",\"event\":\"$event\",\"direction\":\"$direction\",\"caller\":\"$caller\",\"callee\":\"$callee\",\"extension\":\"$extension\",\"at\":\"$at\"}" \
		--output /dev/null \
		"$url/api/v1/calls"
