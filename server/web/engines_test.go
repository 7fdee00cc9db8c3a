package web

import (
	"reflect"
	"runtime"
	"strings"
	"testing"

	"quandesk/server/store/storetest"
)

// TestTheSameHoldsOnPostgreSQL runs the tests of the pages and of the API
// once more, on the engine of production.
func TestTheSameHoldsOnPostgreSQL(t *testing.T) {
	storetest.Server(t)
	embedded := engine
	engine = storetest.Postgres
	defer func() { engine = embedded }()
	for _, test := range []func(*testing.T){
		TestAResidentWritesWithoutScripts, TestAMessageSentTwiceIsShownOnce, TestAResidentSendsAnImageThatNobodyElseSees,
		TestWhoMayOpenWhichPage, TestAComplaintGoesThroughItsLoopByForms, TestARegistrationSentTwiceIsOneTicket,
		TestAStaleFormIsGivenBackWithTheFreshTicket, TestANumberIsShownForAReasonAndOnRecord,
		TestStaffAnswerAndTheResidentReads, TestNobodyPassesADoorThatIsNotTheirs, TestAnothersTicketDoesNotExist,
		TestAnothersConversationDoesNotExist, TestOnlyTheRolesOfANoticeHearIt,
		TestAComplaintIsCarriedFromReceiptToClosing, TestAStaleVersionIsRefusedWithTheFreshTicket,
		TestARepeatWithTheSameKeyIsDoneOnce, TestAnExtensionIsAskedForAndGrantedByALead,
		TestATicketIsReassignedToSomebodyWhoCanTakeIt, TestAMessageIsStoredOnceHoweverOftenItIsSent,
		TestWaitingReturnsTheReplyAsSoonAsItIsThere, TestEventsGoOnAfterTheLastOneThatWasHeard,
		TestTheAuditTrailIsReadPageByPage, TestAPersonWhoIsConfirmedHasTheirOtherTickets,
		TestBadInputIsRefusedInPlainChinese, TestBadQueriesAreRefused, TestWhatAResidentWritesIsKeptWhateverItIs,
		TestBytesThatAreNoTextNeverBreakARequest, TestBytesThatAreNoTextNeverBreakAPage, TestWhatStaffWriteIsCleanedOnBothEngines,
		TestAWrongLoginDoesNotSayWhatWasWrong, TestAfterLogoutTheTokenOpensNothing,
		TestAConfidentialTicketHidesWhoComplained, TestStaffHearWhatTheirScopeHolds,
		TestTheLedgerIsExportedByThoseWhoMayAndOnRecord, TestTheLedgerIsReadPageByPageOrWhole,
		TestWhoLosesTheRaceIsToldWhoHasIt, TestStaffTakeReleaseAndResolveWithoutScripts,
		TestWithoutScriptsARefusedTextStaysInItsBox, TestAfterZeroIsTheBeginningAndNoAfterTheNewest,
		TestASignedPushIsATicketWithItsClocks, TestT14AConfidentialOrderIsSecretFromItsFirstMoment,
		TestAFileIsShownRowByRowAndTakenOnce, TestAConflictIsDecidedOnTheTicket, TestOneNumberIsOneTicketHoweverItComes,
		TestT06APushIsSignedFreshOnceAndFromTheCity, TestAClerkRegistersAnOrder, TestT14NoResponseTellsWhoComplained,
		TestAKeyDoesOneThingUntilItIsRevoked, TestAnExtensionIsOnePersonsAndSurvivesOtherChanges,
		TestTheCallersHistoryIsShownToWhoseTelephoneRings, TestAnUnknownNumberSaysSo,
		TestR01ACallIsTheContactOnlyWhenTheAgentSaysOfWhichTicket, TestOnlyThePersonAtTheTelephoneMayHearOfIt,
		TestTheAdministratorKeepsTelephonesAndKeysWithoutScripts, TestAMissedCallStandsOnTheDiallingListAndInTheInbox,
		TestCallbacksAreBookedUntilTheSlotIsFull, TestBadBookingsAreRefusedInPlainChinese,
		TestAPromisedCallIsMadeMovedAndCancelledOnce, TestWhoAnswersBeforeThePromisedTimeHasBeenCalled, TestASupervisorSaysWhenTeamsCall,
		TestTheDiallingListWorksWithoutScripts, TestAConfidentialCallShowsNobodyWhoseItIs,
		TestWhoDialsAllDayMaySeeEveryNumberSheHasToDial, TestR11EveryWayInHasItsSourceAndSubSource,
		TestR37AnyOutletRegistersAnyBusiness, TestR01TheConversationAtRegistrationIsTheContactWhenTheAgentSaysSo,
		TestACallOfAColleagueIsNoProofOfMine, TestNothingTypedIsLostWhenTheFormIsRefused,
		TestWhileSomebodyTypesTheFormKnowsWhatItIsAndWhetherItIsThere, TestT52WhatIsThereAlreadyIsAddedToAndNotDropped,
	} {
		name := runtime.FuncForPC(reflect.ValueOf(test).Pointer()).Name()
		t.Run(name[strings.LastIndex(name, ".")+1:], test)
	}
}
