// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

// mutation is a mistake to make at the line that ends with "//mutate:" and the
// name of the marker.
type mutation struct {
	marker   string
	operator operator
	mistake  string
}

// mutations returns all that "make mutate" makes. Every marker has at least one, and every
// one its marker: a test compares them.
func mutations() []mutation {
	return []mutation{
		{"seam", always, "a page that does not meet the one before accepted"},
		{"seam", boundary, "a page that begins as new as the oldest login time accepted"},
		{"duplicate", always, "a session taken twice"},
		{"closing", always, "a list that moved not closed from the top"},
		{"one-page", always, "a pass of several pages taken for the last"},
		{"floor", always, "a pass ended with its first page"},
		{"floor", boundary, "a pass ended at the newest login time of the one before"},
		{"skew", never, "a client missed whose instance's clock is behind"},
		{"passes", never, "a list that is never closed read for ever"},
		{"served-early", never, "a reader served before the list is closed"},
		{"reaches-end", always, "any page taken for the last"},
		{"reaches-end", boundary, "a page that reaches the total not taken for the last"},
		{"empty-page", always, "an empty page taken for the end"},
		{"proven-row", boundary, "the last row taken for proven"},
		{"movement", never, "a movement not noticed"},
		{"tie", never, "a tie as long as a page accepted from a list that moved"},
		{"too-few", never, "fewer rows than the total accepted"},
		{"too-many", never, "more rows than the total accepted"},
		{"too-long", never, "a list of any length read"},
		{"recount", always, "two verification passes over a tie that differ accepted"},
		{"drop-ended", never, "rows that have ended left among the newest"},
		{"row-bound", never, "a response of any number of rows decoded"},
		{"refusal-bound", never, "a refusal of any length decoded"},
		{"order", never, "a page in any order accepted"},

		{"users-end", boundary, "a full page of users taken for the last"},
		{"users-end", always, "any page of users taken for the last"},
		{"values-bound", never, "any number of values in the arrays of a row"},
		{"users-under-way", always, "a read of the users under way not shared"},

		{"permission", drop, "the missing permission not named"},
		{"license", never, "a missing license taken for a refusal"},
		{"server-fault", boundary, "a fault of the server blamed on the request"},
		{"timeout-path", drop, "a wait that does not fit not blamed on the timeout"},
		{"canceled", never, "a canceled read taken for a timeout"},
		{"max-attempts", never, "too many wrong codes taken for one"},
		{"wrong-method", never, "the wrong second factor not noticed"},
		{"clock-difference", always, "a clock that goes wrong not mentioned"},
		{"unknown-authority", never, "an unknown CA taken for a failed connection"},
		{"proxy", never, "a proxy that refuses taken for the workspace"},

		{"clock-conflict", always, "an age counted in silence although the clocks contradict each other"},

		{"redirect", always, "a redirect to another host followed"},
		{"bound", never, "a response of any size read"},
		{"broken-off", never, "a response that broke off read all the same"},
		{"certificate", always, "a certificate tried again"},
		{"fresh", always, "a finished read served for ever"},
		{"long-wait", never, "a long wait not told"},
		{"under-way", never, "a read under way not shared"},
		{"reconnected", always, "a client ended that has connected again"},
		{"hidden", never, "a connection missed that a newer one hides"},
		{"anew", drop, "a session checked by what was read before"},
		{"max-logouts", never, "any number of sessions ended at once"},
		{"max-logouts", boundary, "one session fewer ended than the maximum"},
		{"at-rest", never, "a change planned when a list no longer has what has ended"},
		{"replaced", never, "what the failed first apply has ended ended again"},
		{"redact", drop, "secrets left in the texts of servers"},
	}
}
