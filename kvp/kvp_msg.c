// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key-value pairs: a request of the host becomes a question to the daemon, its
 * answer the host's. All lengths are checked here, once.
 *
 * Pure. Called by kvp.c under the lock of the service.
 */
#include <linux/errno.h>
#include <linux/math64.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>
#include <linux/unaligned.h>

#include "../ic/ic_types.h"
#include "../ic/utf.h"
#include "kvp_ip.h"
#include "kvp_msg.h"

/* What the daemon shows as the version of the integration services. */
#define VERSION_TEXT	"3.1"

/**
 * kvp_registers() - is it a daemon's first message?
 * @msg: what it wrote
 *
 * Context: any.
 * Return: which kind of registration, or none.
 */
enum kvp_registration kvp_registers(const struct kvp_daemon_msg *msg)
{
	switch (le32_to_cpu(msg->error)) {
	case KVP_REQ_REGISTER:
		return KVP_REGISTER;
	case KVP_REQ_REGISTER_OLD:
		return KVP_REGISTER_OLD;
	default:
		return KVP_NOT_REGISTERING;
	}
}

/**
 * kvp_greet() - answer a registration
 * @msg: the answer
 * @op: the operation it registered with
 *
 * Context: any.
 */
void kvp_greet(struct kvp_daemon_msg *msg, u8 op)
{
	memset(msg, 0, sizeof(*msg));
	msg->hdr.op = op;
	memcpy(msg->version, VERSION_TEXT, sizeof(VERSION_TEXT));
}

/* Text of the host that lies about its length is not text. */
static bool text_bytes_ok(u32 bytes, u32 limit)
{
	return bytes >= 2 && bytes <= limit && !(bytes & 1);
}

/* A key; 0 or a status. */
static u32 take_key(__le32 wire_bytes, const u8 *from, u8 *to, u32 *to_bytes)
{
	u32 bytes = le32_to_cpu(wire_bytes);
	int n;

	if (!text_bytes_ok(bytes, KVP_KEY_BYTES))
		return IC_E_INVALID_ARG;
	n = utf_from_host(from, bytes / 2, (char *)to, KVP_KEY_BYTES);
	/* Longer than a record of the daemon can be, cut it is another key. */
	if (n < 0)
		return IC_E_INVALID_ARG;
	*to_bytes = n + 1;
	return IC_OK;
}

/* Decimal, with a NUL; returns the length, NUL counted. */
static u32 put_number(u64 v, u8 *to)
{
	u8 digit[20];
	u32 n = 0, i;

	do {
		u64 rest = v;

		v = div_u64(v, 10);
		digit[n++] = (u8)('0' + (rest - v * 10));
	} while (v);
	for (i = 0; i < n; i++)
		to[i] = digit[n - 1 - i];
	to[n] = '\0';
	return n + 1;
}

/* The value of a SET; 0 or a status. */
static u32 take_value(const struct kvp_value *from, struct kvp_value *to)
{
	u32 bytes = le32_to_cpu(from->value_bytes), n;
	int len;

	switch (le32_to_cpu(from->type)) {
	case KVP_TYPE_STRING:
	case KVP_TYPE_EXPANDABLE:
		if (!text_bytes_ok(bytes, KVP_VALUE_BYTES))
			return IC_E_INVALID_ARG;
		len = utf_from_host(from->value, bytes / 2, (char *)to->value,
				    KVP_VALUE_BYTES);
		if (len < 0)
			return IC_E_INVALID_ARG;
		n = len + 1;
		break;
	case KVP_TYPE_U32:
		if (bytes != 4)
			return IC_E_INVALID_ARG;
		n = put_number(get_unaligned_le32(from->value), to->value);
		break;
	case KVP_TYPE_U64:
	case KVP_TYPE_U64_LINUX:
		if (bytes != 8)
			return IC_E_INVALID_ARG;
		n = put_number(get_unaligned_le64(from->value), to->value);
		break;
	default:
		return IC_E_INVALID_ARG;
	}
	to->value_bytes = cpu_to_le32(n);
	return IC_OK;
}

/* Scripts get these as arguments. */
static bool address_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || (c && strchr(".:;/%-_", c));
}

static bool adapter_char(char c)
{
	return address_char(c) || c == '{' || c == '}';
}

static u32 take_ip_text(const u8 *from, u8 *to, u32 bytes, bool adapter)
{
	u32 i;

	if (utf_from_host(from, bytes / 2, (char *)to, bytes) < 0)
		return IC_E_INVALID_ARG;
	for (i = 0; to[i]; i++) {
		if (adapter ? !adapter_char((char)to[i]) :
			      !address_char((char)to[i]))
			return IC_E_INVALID_ARG;
	}
	return IC_OK;
}

/* Both forms begin with the adapter, each at its own place. */
static u32 take_ip(u8 op, bool binary, const u8 *body, struct kvp_ip *to)
{
	const struct kvp_ip_binary *numbers = (const void *)(body + KVP_AT_BODY);
	const struct kvp_ip *from = (const void *)(body + KVP_AT_IP);
	u32 status;

	status = take_ip_text(binary ? numbers->adapter : from->adapter,
			      to->adapter, sizeof(to->adapter), true);
	to->family = binary ? numbers->family : from->family;
	if (status || op == KVP_REQ_GET_IP)
		return status;
	if (binary)
		return kvp_ip_to_text(numbers, to);
	to->dhcp = from->dhcp;
	status = take_ip_text(from->addresses, to->addresses,
			      sizeof(to->addresses), false);
	if (!status)
		status = take_ip_text(from->subnets, to->subnets,
				      sizeof(to->subnets), false);
	if (!status)
		status = take_ip_text(from->gateways, to->gateways,
				      sizeof(to->gateways), false);
	if (!status)
		status = take_ip_text(from->dns, to->dns, sizeof(to->dns),
				      false);
	return status;
}

static u32 least_bytes(u8 op, bool binary)
{
	switch (op) {
	case KVP_REQ_GET:
	case KVP_REQ_SET:
		return KVP_AT_BODY + sizeof(struct kvp_value);
	case KVP_REQ_DELETE:
		return KVP_AT_BODY + sizeof(struct kvp_delete);
	case KVP_REQ_ENUMERATE:
		return KVP_AT_BODY + sizeof(struct kvp_enumerate);
	default:
		return binary ? KVP_AT_BODY + sizeof(struct kvp_ip_binary) :
				KVP_AT_IP + sizeof(struct kvp_ip);
	}
}

static u32 take_body(u8 op, bool binary, const u8 *body,
		     struct kvp_daemon_msg *to)
{
	const struct kvp_enumerate *all = (const void *)(body + KVP_AT_BODY);
	const struct kvp_value *value = (const void *)(body + KVP_AT_BODY);
	const struct kvp_delete *del = (const void *)(body + KVP_AT_BODY);
	u32 status, n = 0;

	switch (op) {
	case KVP_REQ_GET:
		status = take_key(value->key_bytes, value->key, to->value.key,
				  &n);
		to->value.key_bytes = cpu_to_le32(n);
		/* How much room there is, the daemon wants to know. */
		to->value.value_bytes = cpu_to_le32(KVP_VALUE_BYTES);
		return status;
	case KVP_REQ_SET:
		status = take_key(value->key_bytes, value->key, to->value.key,
				  &n);
		to->value.key_bytes = cpu_to_le32(n);
		to->value.type = cpu_to_le32(KVP_TYPE_STRING);
		return status ? status : take_value(value, &to->value);
	case KVP_REQ_DELETE:
		status = take_key(del->key_bytes, del->key, to->del.key, &n);
		to->del.key_bytes = cpu_to_le32(n);
		return status;
	case KVP_REQ_ENUMERATE:
		/* The daemon counts with a sign. */
		if (le32_to_cpu(all->index) > 0x7fffffff)
			return IC_E_NO_MORE;
		to->enumerate.index = all->index;
		return IC_OK;
	default:
		return take_ip(op, binary, body, &to->ip);
	}
}

/**
 * kvp_question() - make a question of what the host wants
 * @body: behind the header
 * @bytes: its length
 * @asked: remembers what was asked; its binary is set
 * @to: the question, complete; valid if 0 is returned
 *
 * Context: any.
 * Return: 0, or the status to answer at once: the daemon is not to be asked.
 */
u32 kvp_question(const void *body, u32 bytes, struct kvp_asked *asked,
		 struct kvp_daemon_msg *to)
{
	const struct kvp_hdr *hdr = body;
	const struct kvp_value *value;

	if (bytes < sizeof(*hdr) || hdr->op > KVP_REQ_SET_IP ||
	    hdr->pool >= KVP_POOLS || bytes < least_bytes(hdr->op, asked->binary))
		return IC_E_FAIL;
	asked->op = hdr->op;
	asked->pool = hdr->pool;
	asked->key_bytes = 0;
	if (hdr->op == KVP_REQ_GET) {
		value = (const void *)((const u8 *)body + KVP_AT_BODY);
		asked->key_bytes = (u16)le32_to_cpu(value->key_bytes);
	}
	memset(to, 0, sizeof(*to));
	to->hdr.op = hdr->op;
	to->hdr.pool = hdr->pool;
	return take_body(hdr->op, asked->binary, body, to);
}

/* Only what a daemon is known to say reaches the host. */
static u32 known_status(u32 error)
{
	switch (error) {
	case IC_OK:
	case IC_E_NO_MORE:
	case IC_E_NO_OBJECT:
	case IC_E_INVALID_ARG:
	case IC_E_NOT_CONNECTED:
		return error;
	default:
		return IC_E_FAIL;
	}
}

/* Text of the daemon into a zeroed field; 0 or a status. */
static u32 put_text(const u8 *from, u8 *to, u32 bytes, u32 *to_bytes)
{
	int n;

	memset(to, 0, bytes);
	n = utf_to_host((const char *)from, bytes, to, bytes / 2);
	if (n < 0)
		return IC_E_FAIL;
	if (to_bytes)
		*to_bytes = 2 * (n + 1);
	return IC_OK;
}

static u32 put_value(const struct kvp_asked *asked,
		     const struct kvp_value *from, struct kvp_value *to)
{
	u32 status, n = 0;

	to->type = cpu_to_le32(KVP_TYPE_STRING);
	/* The key is the host's own, up to where it said it ends. */
	to->key_bytes = cpu_to_le32(asked->key_bytes);
	memset(to->key + asked->key_bytes, 0, KVP_KEY_BYTES - asked->key_bytes);
	status = put_text(from->value, to->value, KVP_VALUE_BYTES, &n);
	to->value_bytes = cpu_to_le32(n);
	return status;
}

static u32 put_record(const struct kvp_value *from, struct kvp_value *to)
{
	u32 status, n = 0;

	to->type = cpu_to_le32(KVP_TYPE_STRING);
	status = put_text(from->key, to->key, KVP_KEY_BYTES, &n);
	to->key_bytes = cpu_to_le32(n);
	if (!status)
		status = put_text(from->value, to->value, KVP_VALUE_BYTES, &n);
	to->value_bytes = cpu_to_le32(n);
	return status;
}

static u32 put_ip(const struct kvp_ip *from, struct kvp_ip *to)
{
	u32 status;

	to->family = from->family;
	to->dhcp = from->dhcp;
	status = put_text(from->addresses, to->addresses,
			  sizeof(to->addresses), NULL);
	if (!status)
		status = put_text(from->subnets, to->subnets,
				  sizeof(to->subnets), NULL);
	if (!status)
		status = put_text(from->gateways, to->gateways,
				  sizeof(to->gateways), NULL);
	if (!status)
		status = put_text(from->dns, to->dns, sizeof(to->dns), NULL);
	return status;
}

/**
 * kvp_answer() - make the host's answer of the daemon's
 * @asked: what was asked
 * @old: the daemon is of the kind that knows no error codes
 * @from: what it wrote
 * @body: of the host's request, as it was checked; the result goes into it
 *
 * Context: any.
 * Return: status for the host.
 */
u32 kvp_answer(const struct kvp_asked *asked, bool old,
	       const struct kvp_daemon_msg *from, void *body)
{
	u8 *at = (u8 *)body + KVP_AT_BODY;
	u32 status;

	if (old)
		status = from->enumerate.record.key[0] ? IC_OK : IC_E_NO_MORE;
	else
		status = known_status(le32_to_cpu(from->error));
	if (status)
		return status;
	switch (asked->op) {
	case KVP_REQ_GET:
		return put_value(asked, &from->value, (void *)at);
	case KVP_REQ_ENUMERATE:
		return put_record(&from->enumerate.record,
				  &((struct kvp_enumerate *)at)->record);
	case KVP_REQ_GET_IP:
		if (asked->binary)
			return kvp_ip_from_text(&from->ip, (void *)at);
		return put_ip(&from->ip, (void *)((u8 *)body + KVP_AT_IP));
	default:
		return IC_OK;
	}
}
