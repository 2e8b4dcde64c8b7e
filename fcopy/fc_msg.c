// SPDX-License-Identifier: GPL-2.0-only
/*
 * File copy: what of the host's messages the daemon may see. Its names are
 * names, its pieces lie within the file that was declared.
 *
 * Pure. Called by fcopy.c under the lock of the service.
 */
#include <linux/overflow.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>

#include "../ic/ic_types.h"
#include "../ic/utf.h"
#include "fc_msg.h"

/**
 * fc_end() - there is no copy any more
 * @session: the copy
 *
 * Context: any.
 */
void fc_end(struct fc_session *session)
{
	memset(session, 0, sizeof(*session));
}

/* A ".." between slashes leads out of the folder. */
static bool climbs(const char *path)
{
	const char *at = path;

	while (*at) {
		if (at[0] == '.' && at[1] == '.' &&
		    (at[2] == '/' || at[2] == '\0'))
			return true;
		while (*at && *at != '/')
			at++;
		while (*at == '/')
			at++;
	}
	return false;
}

static u32 start(struct fc_session *session, const struct fc_start *from,
		 struct fc_start *to)
{
	char *name = (char *)to->name, *path = (char *)to->path;
	int n;

	n = utf_from_host(from->name, FC_NAME_BYTES / 2, name, FC_NAME_BYTES);
	if (n <= 0 || strchr(name, '/') || climbs(name) || !strcmp(name, "."))
		return IC_E_INVALID_ARG;
	n = utf_from_host(from->path, FC_NAME_BYTES / 2, path, FC_NAME_BYTES);
	if (n <= 0 || climbs(path))
		return IC_E_INVALID_ARG;
	to->flags = from->flags;
	to->size = from->size;
	fc_end(session);
	session->starting = true;
	memcpy(session->id, from->hdr.session, sizeof(session->id));
	session->size = le64_to_cpu(from->size);
	return IC_OK;
}

static u32 piece(const struct fc_session *session, const struct fc_write *from,
		 u32 bytes, struct fc_write *to)
{
	u32 length = le32_to_cpu(from->bytes);
	u64 offset = le64_to_cpu(from->offset), end;

	if (length > FC_PIECE_BYTES ||
	    length > bytes - offsetof(struct fc_write, data))
		return IC_E_INVALID_ARG;
	if (check_add_overflow(offset, (u64)length, &end) || end >> 63 ||
	    end > session->size)
		return IC_E_INVALID_ARG;
	to->offset = from->offset;
	to->bytes = from->bytes;
	memcpy(to->data, from->data, length);
	return IC_OK;
}

static bool belongs(const struct fc_session *session, const struct fc_hdr *hdr)
{
	return session->open &&
	       !memcmp(session->id, hdr->session, sizeof(session->id));
}

/**
 * fc_question() - make a question to the daemon of what the host wants
 * @session: the copy going on
 * @body: behind the header
 * @bytes: its length
 * @to: the question
 * @to_bytes: its length
 *
 * A piece that does not fit the file ends the copy.
 *
 * Context: any.
 * Return: 0, or the status to answer at once.
 */
u32 fc_question(struct fc_session *session, const void *body, u32 bytes,
		union fc_msg *to, u32 *to_bytes)
{
	const struct fc_hdr *hdr = body;
	u32 status;

	if (bytes < sizeof(*hdr))
		return IC_E_FAIL;
	memset(to, 0, sizeof(*to));
	to->hdr = *hdr;
	switch (le32_to_cpu(hdr->op)) {
	case FC_OP_START:
		*to_bytes = sizeof(struct fc_start);
		if (bytes < sizeof(struct fc_start))
			return IC_E_FAIL;
		return start(session, body, &to->start);
	case FC_OP_WRITE:
		*to_bytes = sizeof(struct fc_write);
		if (bytes < offsetof(struct fc_write, data) ||
		    !belongs(session, hdr))
			return IC_E_FAIL;
		status = piece(session, body, bytes, &to->write);
		if (status)
			fc_end(session);
		return status;
	case FC_OP_COMPLETE:
	case FC_OP_CANCEL:
		*to_bytes = sizeof(struct fc_hdr);
		return belongs(session, hdr) ? IC_OK : IC_E_FAIL;
	default:
		return IC_E_FAIL;
	}
}

static u32 known_status(u32 error)
{
	switch (error) {
	case IC_OK:
	case IC_E_EXISTS:
	case IC_E_DISK_FULL:
	case IC_E_INVALID_ARG:
		return error;
	default:
		return IC_E_FAIL;
	}
}

/**
 * fc_answer() - make the host's answer of the daemon's
 * @session: the copy
 * @op: what was asked
 * @error: what the daemon said
 *
 * Context: any.
 * Return: status for the host.
 */
u32 fc_answer(struct fc_session *session, u32 op, u32 error)
{
	if (op == FC_OP_START) {
		session->open = session->starting && !error;
		session->starting = false;
	} else if (op != FC_OP_WRITE || error) {
		fc_end(session);
	}
	return known_status(error);
}
