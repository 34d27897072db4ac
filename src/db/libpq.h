/* libpq, loaded when a PostgreSQL store is opened (base/library.h). */
#pragma once

#include <libpq-fe.h>

#include "base/rc.h"

/* postgresql_location_read() does it: nothing happens before. */
enum rc libpq_load(struct err *err) must_check;

#define LIBPQ_FUNCTIONS(X) \
	X(backendPID) \
	X(clear) \
	X(cmdStatus) \
	X(cmdTuples) \
	X(connectdbParams) \
	X(conninfoFree) \
	X(conninfoParse) \
	X(consumeInput) \
	X(enterPipelineMode) \
	X(errorMessage) \
	X(exitPipelineMode) \
	X(finish) \
	X(flush) \
	X(fname) \
	X(freemem) \
	X(getisnull) \
	X(getlength) \
	X(getResult) \
	X(getvalue) \
	X(gssEncInUse) \
	X(isBusy) \
	X(nfields) \
	X(notifies) \
	X(ntuples) \
	X(pipelineStatus) \
	X(pipelineSync) \
	X(resultErrorField) \
	X(resultErrorMessage) \
	X(resultStatus) \
	X(sendPrepare) \
	X(sendQuery) \
	X(sendQueryParams) \
	X(sendQueryPrepared) \
	X(setnonblocking) \
	X(setNoticeReceiver) \
	X(socket) \
	X(sslInUse) \
	X(status)

extern struct libpq {
#define LIBPQ_POINTER(name) __typeof__ (&PQ##name)(name);
	LIBPQ_FUNCTIONS(LIBPQ_POINTER)
#undef LIBPQ_POINTER
} libpq;

#define PQbackendPID libpq.backendPID
#define PQclear libpq.clear
#define PQcmdStatus libpq.cmdStatus
#define PQcmdTuples libpq.cmdTuples
#define PQconnectdbParams libpq.connectdbParams
#define PQconninfoFree libpq.conninfoFree
#define PQconninfoParse libpq.conninfoParse
#define PQconsumeInput libpq.consumeInput
#define PQenterPipelineMode libpq.enterPipelineMode
#define PQerrorMessage libpq.errorMessage
#define PQexitPipelineMode libpq.exitPipelineMode
#define PQfinish libpq.finish
#define PQflush libpq.flush
#define PQfname libpq.fname
#define PQfreemem libpq.freemem
#define PQgetisnull libpq.getisnull
#define PQgetlength libpq.getlength
#define PQgetResult libpq.getResult
#define PQgetvalue libpq.getvalue
#define PQgssEncInUse libpq.gssEncInUse
#define PQisBusy libpq.isBusy
#define PQnfields libpq.nfields
#define PQnotifies libpq.notifies
#define PQntuples libpq.ntuples
#define PQpipelineStatus libpq.pipelineStatus
#define PQpipelineSync libpq.pipelineSync
#define PQresultErrorField libpq.resultErrorField
#define PQresultErrorMessage libpq.resultErrorMessage
#define PQresultStatus libpq.resultStatus
#define PQsendPrepare libpq.sendPrepare
#define PQsendQuery libpq.sendQuery
#define PQsendQueryParams libpq.sendQueryParams
#define PQsendQueryPrepared libpq.sendQueryPrepared
#define PQsetnonblocking libpq.setnonblocking
#define PQsetNoticeReceiver libpq.setNoticeReceiver
#define PQsocket libpq.socket
#define PQsslInUse libpq.sslInUse
#define PQstatus libpq.status
