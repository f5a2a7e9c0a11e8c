// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

// mutation is a mistake to make in a file.
type mutation struct {
	name string
	// file is relative to the module; old, which is there once, becomes new.
	file, old, new string
	tests          tests
}

const (
	pagesFile       = "internal/rocketchat/pages.go"
	requestFile     = "internal/rocketchat/request.go"
	answerFile      = "internal/rocketchat/answer.go"
	diagnosticsFile = "internal/provider/diagnostics.go"
	cacheFile       = "internal/rocketchat/cache.go"
	factorFile      = "internal/provider/diagnostics_second_factor.go"
	transportFile   = "internal/provider/diagnostics_transport.go"
)

// The tests that ought to notice: moving lists, faults of lists, and the table
// from errors to diagnostics.
var (
	moving    = tests{"./internal/rocketchat", "^(TestWalk|TestHistories|TestFaultsOfTheList)"}
	table     = tests{"./internal/provider", "^(TestEveryFailureIsExplained|TestFailureWithoutAnArgumentToBlame|TestFaultsLeadToOneDiagnostic)$"}
	faults    = tests{"./internal/rocketchat", "^(TestFaults|TestRedirects)"}
	sharing   = tests{"./internal/rocketchat", "^(TestFailure|TestConcurrent|TestFresh|TestReadsAtTheSameTime)"}
	secrets   = tests{"./internal/rocketchat", "^TestNoSecret"}
	mutations = []mutation{
		{"the seam rule removed", pagesFile, "if of.high > w.reached || of.high == w.reached && w.conceded[w.reached] {", "if true {", moving},
		{"\"strictly newer\" weakened to \"as new\"", pagesFile, "if of.high > w.reached || of.high == w.reached && w.conceded[w.reached] {", "if of.high >= w.reached {", moving},
		{"the duplicate check removed", pagesFile, "if _, known := w.seen[id]; !known {", "if true {", moving},
		{"the last look removed", pagesFile, "if w.moved && w.pages > 1 {", "if false {", moving},
		{"a page that ends before the total taken for the end", pagesFile, "return p.offset+len(p.rows) >= p.total", "return p.offset+len(p.rows) >= p.total-1", moving},
		{"an empty page taken for the end", pagesFile, "p.offset == 0 && p.total == 0", "true", moving},
		{"the last row taken for proven", pagesFile, "if instantOf(s) > w.reached {", "if instantOf(s) >= w.reached {", moving},
		{"movement not noticed", pagesFile, "before != top && before != at", "before != top && before != at && false", moving},
		{"a tie as long as a page accepted from a list that moved", pagesFile, "len(w.conceded) > 0 && (w.moved || len(w.rows) != w.total)", "false", moving},
		{"fewer rows than the total accepted", pagesFile, "case whole && len(w.rows)+w.duplicates < w.total:", "case false:", moving},
		{"more rows than the total accepted", "internal/rocketchat/sessions.go", "offset+len(*answer.Sessions) > *answer.Total", "false", moving},

		{"the missing permission not named", diagnosticsFile, "lacks the permission `\"+e.Permission+\"`.", "lacks a permission.", table},
		{"a missing licence taken for a refusal", diagnosticsFile, "case errors.Is(e, rocketchat.ErrNoLicence):", "case false:", table},
		{"a fault of the server blamed on the request", diagnosticsFile, "case e.Status >= http.StatusInternalServerError:", "case e.Status > http.StatusInternalServerError:", table},
		{"a wait that does not fit not blamed on the timeout", diagnosticsFile, "limit, help),\n\t\tblame:   blameTimeout,", "limit, help),", table},
		{"a cancelled read taken for a timeout", diagnosticsFile, "case errors.Is(err, context.Canceled):", "case false:", table},
		{"too many wrong codes taken for one", factorFile, "case e.Problem == rocketchat.SecondFactorMaxAttempts:", "case false:", table},
		{"the wrong second factor not noticed", factorFile, "e.CodeSent && e.Sent != \"\" && e.Sent != wanted", "false", table},
		{"a clock that goes wrong not mentioned", factorFile, "if d <= tellClockDifference {", "if true {", table},
		{"an unknown authority taken for a failed connection", transportFile, "case errors.As(err, &authority):", "case errors.As(err, &authority) && false:", table},
		{"a proxy that refuses taken for the workspace", transportFile, "operation.Op == \"proxyconnect\"", "false", table},

		{"a redirect to another host followed", requestFile, "if from == to && first.Method", "if first.Method", faults},
		{"an answer of any size read", requestFile, "if int64(len(body)) > bound {", "if false {", faults},
		{"an answer that broke off read all the same", answerFile, "if ex.reply.broken != nil {\n\t\treturn", "if false {\n\t\treturn", faults},
		{"a certificate tried again", answerFile, "return !isCertificateProblem(transport.Err)", "return true", faults},
		{"a finished read served for ever", cacheFile, "< freshFor", "< 1000*freshFor", sharing},
		{"a read under way not shared", cacheFile, "\tif !r.done {\n\t\tw.need", "\tif false {\n\t\tw.need", sharing},
		{"secrets left in the texts of servers", answerFile, "\ttext = c.redact.Replace(text)\n", "", secrets},
	}
)
