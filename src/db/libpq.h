/* libpq, loaded when a PostgreSQL store is opened (base/library.h). */
#pragma once

#include <libpq-fe.h>

#include "base/rc.h"

/* postgresql_location_read() does it: nothing happens before. */
enum rc libpq_load(struct err *err) must_check;

#define LIBPQ_FUNCTIONS(X) \
	X(clear) \
	X(cmdStatus) \
	X(cmdTuples) \
	X(connectdbParams) \
	X(conninfoFree) \
	X(conninfoParse) \
	X(consumeInput) \
	X(enterPipelineMode) \
	X(errorMessage) \
	X(exec) \
	X(exitPipelineMode) \
	X(finish) \
	X(fname) \
	X(freemem) \
	X(getResult) \
	X(getisnull) \
	X(getlength) \
	X(getvalue) \
	X(nfields) \
	X(ntuples) \
	X(pipelineSync) \
	X(resultErrorField) \
	X(resultErrorMessage) \
	X(resultStatus) \
	X(sendPrepare) \
	X(sendQueryParams) \
	X(sendQueryPrepared) \
	X(setNoticeReceiver) \
	X(socket) \
	X(status)

extern struct libpq {
#define LIBPQ_POINTER(name) __typeof__ (&PQ##name)(name);
	LIBPQ_FUNCTIONS(LIBPQ_POINTER)
#undef LIBPQ_POINTER
} libpq;

#define PQclear libpq.clear
#define PQcmdStatus libpq.cmdStatus
#define PQcmdTuples libpq.cmdTuples
#define PQconnectdbParams libpq.connectdbParams
#define PQconninfoFree libpq.conninfoFree
#define PQconninfoParse libpq.conninfoParse
#define PQconsumeInput libpq.consumeInput
#define PQenterPipelineMode libpq.enterPipelineMode
#define PQerrorMessage libpq.errorMessage
#define PQexec libpq.exec
#define PQexitPipelineMode libpq.exitPipelineMode
#define PQfinish libpq.finish
#define PQfname libpq.fname
#define PQfreemem libpq.freemem
#define PQgetResult libpq.getResult
#define PQgetisnull libpq.getisnull
#define PQgetlength libpq.getlength
#define PQgetvalue libpq.getvalue
#define PQnfields libpq.nfields
#define PQntuples libpq.ntuples
#define PQpipelineSync libpq.pipelineSync
#define PQresultErrorField libpq.resultErrorField
#define PQresultErrorMessage libpq.resultErrorMessage
#define PQresultStatus libpq.resultStatus
#define PQsendPrepare libpq.sendPrepare
#define PQsendQueryParams libpq.sendQueryParams
#define PQsendQueryPrepared libpq.sendQueryPrepared
#define PQsetNoticeReceiver libpq.setNoticeReceiver
#define PQsocket libpq.socket
#define PQstatus libpq.status
