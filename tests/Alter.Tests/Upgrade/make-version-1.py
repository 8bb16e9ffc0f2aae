#!/usr/bin/env python3
"""Writes version-1.alterbackup: rows and messages as version 1 stores them, by an implementation of its formats that shares nothing with the vault's.

    python3 make-version-1.py > version-1.alterbackup        (needs the package cryptography)

The file is pinned: it stands for what instances of this version write and read, and changes only together with a format's version.
"""
import base64, hashlib, hmac, json, struct, sys
from datetime import datetime, timezone
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives import hashes

KEK_VERSION = "0123456789abcdef0123456789abcdef"
KEK = bytes(range(32))
APP, UH = "shop", "a" * 64
PARTITION = f"{APP}|{UH[:15]}"
GID, SECOND, THIRD = ("aaaaaaaa-aaaa-8aaa-9000-%012x" % n for n in (1, 2, 3))
ACCOUNT, CLIENT_ACCOUNT = "b" * 52, "c" * 52
SESSION_HASH = "d" * 64
nonces = 0

def derive(purpose, app): return HKDF(hashes.SHA256(), 32, None, f"alter/1|{purpose}|{app}".encode()).derive(KEK)
def lengths(*parts): return b"".join(struct.pack(">i", len(p.encode())) + p.encode() for p in parts)
def b64(data): return base64.b64encode(data).decode()
def b64url(data): return base64.urlsafe_b64encode(data).decode().rstrip("=")

def seal(key, secret, place):
    global nonces
    nonces += 1
    nonce = struct.pack(">IQ", 0x20212223, nonces)
    return b"\x01" + nonce + AESGCM(key).encrypt(nonce, secret, place)

def at(text): # 2026-11-24T12:00:00.1234567Z, as ticks of 100 ns and as a backup spells it
    whole, part = text[:19], text[20:-1]
    seconds = int((datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc) - datetime(1, 1, 1, tzinfo=timezone.utc)).total_seconds())
    return f"{seconds * 10_000_000 + int(part):019d}", text

def place(gid, field, generation): return lengths("alter/1", APP, UH, gid, "erp", ACCOUNT, "", field, str(generation))

def secrets(gid, generation, access, refresh):
    data_key = hashlib.sha256(f"data key of {gid}".encode()).digest()
    profile = '{"AccountId":"id-ada","Identifier":"ada@example.com","DisplayName":"Ada Lovelace","Email":"ada@example.com"}'
    sealed = lambda field, text: seal(data_key, text.encode(), place(gid, field, generation))
    return {"dek": seal(derive("grant", APP), data_key, place(gid, "dek", generation)), "at": sealed("at", access), "rt": sealed("rt", refresh), "profile": sealed("profile", profile)}

def row_mac(gid, generation, status, scopes_json, times, parts, *browser):
    return hmac.digest(derive("row", APP), lengths(
        b64(place(gid, "row", generation)), status, scopes_json, *times, CLIENT_ACCOUNT, KEK_VERSION,
        *(b64(parts.get(name, b"")) for name in ("dek", "at", "rt", "profile")), *browser), "sha256")

def column(name, value):
    kind, text = {str: ("string", value), bytes: ("binary", None), bool: ("bool", None), int: ("int32", str(value)), float: ("double", None), tuple: ("instant", None)}[type(value)]
    text = b64(value) if kind == "binary" else str(value).lower() if kind == "bool" else repr(value).removesuffix(".0") if kind == "double" else value[1] if kind == "instant" else text
    return [name, kind, text]

class Long(int): pass

def row(table, pk, rk, columns):
    rows.append({"table": table, "pk": pk, "rk": rk, "columns": [[n, "int64", str(int(v))] if isinstance(v, Long) else column(n, v) for n, v in columns.items()]})

rows = []
row("jobs", "deployment", "salt", {"value": bytes(range(32, 64))})
row("jobs", "sweep", "cursor", {"op": "1" * 32, "due": at("2026-11-25T03:00:00.0000000Z")})
row("jobs", "rewrap", "cursor", {"op": "2" * 32, "progress": '{"Version":"%s","FirstSeenAt":"2026-11-24T12:00:00+00:00","Running":null,"Last":{"Version":"%s","StartedAt":"2026-11-24T12:15:00+00:00",'
    '"FinishedAt":"2026-11-24T12:16:00+00:00","Cursor":null,"Rows":{"%s":{"Met":3,"Rewrapped":0,"Skipped":0,"KeyMissing":0,"Broken":0}}}}' % ((KEK_VERSION,) * 3)})

# A grant with every column that a living one can have.
created, expires, furthest, ends = at("2026-11-24T12:00:00.1234567Z"), at("2027-01-01T00:00:00.0000000Z"), at("2027-06-01T00:00:00.0000000Z"), at("2026-11-24T13:00:00.1234567Z")
scopes, scopes_in_mac = '["orders.read","calendar+read"]', '["orders.read","calendar\\u002Bread"]'
sealed = secrets(GID, 3, "access-3", "refresh-3")
row("grants", PARTITION, f"erp|{ACCOUNT}", {
    "op": "3" * 32, "gid": GID, "uh": UH, "app": APP, "provider": "erp", "acct": ACCOUNT, "params": "", "status": "active", "gen": 3, "kek": KEK_VERSION, "dek": sealed["dek"],
    "profile": sealed["profile"], "scopes": scopes, "created_at": created, "cak": CLIENT_ACCOUNT, "fails": 1,
    "mac": row_mac(GID, 3, "active", scopes_in_mac, (created[0], expires[0], furthest[0], ends[0]), sealed),
    "at": sealed["at"], "rt": sealed["rt"], "at_exp": ends, "at_life": 3600.0, "expires_at": expires, "max_expires_at": furthest, "due": at("2026-11-24T12:54:00.1234567Z"),
    "next_attempt": at("2026-11-24T12:01:00.0000000Z"), "last_error": "provider_timeout", "forced_at": at("2026-11-24T11:00:00.0000000Z"), "retried_at": at("2026-11-24T11:30:00.0000000Z"),
    "restored_from": at("2026-11-24T02:00:00.0000000Z"), "lease_op": "4" * 32, "lease_until": at("2026-11-24T12:00:45.0000000Z"), "lease_gen": 3})

# One that was revoked and gave its place to another: its provider is still to be told.
told = secrets(SECOND, 1, "access-1", "refresh-1")
row("grants", PARTITION, f"~g|{SECOND}", {
    "op": "5" * 32, "gid": SECOND, "uh": UH, "app": APP, "provider": "erp", "acct": ACCOUNT, "params": "", "status": "revoked", "gen": 1, "kek": KEK_VERSION, "dek": told["dek"],
    "profile": told["profile"], "scopes": '["orders.read"]', "created_at": created, "cak": CLIENT_ACCOUNT, "fails": 0, "mac": b"", "revoked_at": ends, "due": ends,
    "rv": told["rt"], "rv_at": False})

# One that waits for the app's backend, at a provider that gave it no end.
waits = secrets(THIRD, 1, "access-w", "refresh-w")
row("grants", PARTITION, f"~p|{SESSION_HASH}|erp", {
    "op": "6" * 32, "gid": THIRD, "uh": UH, "app": APP, "provider": "erp", "acct": ACCOUNT, "params": "", "status": "pending", "gen": 1, "kek": KEK_VERSION, "dek": waits["dek"],
    "profile": waits["profile"], "scopes": "[]", "created_at": created, "cak": CLIENT_ACCOUNT, "fails": 0,
    "mac": row_mac(THIRD, 1, "pending", "[]", (created[0], "", "", ""), waits, "e" * 64), "browser": "e" * 64, "at": waits["at"], "rt": waits["rt"], "due": at("2026-11-24T12:10:00.1234567Z")})
row("grants", PARTITION, f"~s|{SESSION_HASH}|erp", {"op": "6" * 32, "uh": UH, "flow": "f" * 64, "marked": THIRD, "creation": True, "at_time": created})
row("grants", PARTITION, f"~u|{GID}", {"uh": UH, "last_used_at": ends})
row("grants", PARTITION, "!u", {"op": "6" * 32, "uh": UH, "written_at": created, "valid_from": at("2026-11-24T11:59:00.0000000Z")})
row("due", "01", f"{at('2026-11-24T12:54:00.1234567Z')[0]}|{GID}", {"gpk": PARTITION, "grk": f"erp|{ACCOUNT}"})
row("accounts", CLIENT_ACCOUNT, GID, {"gpk": PARTITION, "grk": f"erp|{ACCOUNT}"})
row("revocations", PARTITION, f"g|{SECOND}", {"marked_at": ends})
row("revocations", PARTITION, f"u|{UH}", {"marked_at": created})

# Connect: a session and two flows, whose tokens name their rows. Valid until 12:10.
def token(kind, filler):
    head = struct.pack(">I", int(datetime(2026, 11, 24, 12, tzinfo=timezone.utc).timestamp()) // 3600) + bytes([filler]) * 32
    whole = head + hmac.digest(derive("tag", ""), kind.encode() + head, "sha256")[:10]
    digest = hashlib.sha256(whole).hexdigest()
    return b64url(whole), f"2026112412|{digest[:2]}", f"{kind}|{digest}"

until = at("2026-11-24T12:10:00.0000000Z")
session, session_pk, session_rk = token("s", 7)
def sealed_connect(pk, rk, field, text): return seal(derive("flow", APP), text.encode(), lengths("alter/1", "connect", APP, pk, rk, field))
def connect_mac(*parts): return hmac.digest(derive("row", APP), lengths(*parts), "sha256")

details = sealed_connect(session_pk, session_rk, "details", '{"UserLabel":"Ada","Metadata":{"order":"7"},"Proof":2,"SignInAt":{"IdentityProvider":"people","Issuer":"https://idp.acme.com"},"Later":[1]}')
claims, came_back = '{"erp":{"Flow":"%s","Until":"2026-11-24T12:01:00+00:00"}}' % ("f" * 64), '{"CookieHash":"%s","Mode":"popup","Error":null,"ErrorDescription":null,"Provider":"erp","SignInAgain":false,"HasConnected":true}' % ("e" * 64)
row("connect", session_pk, session_rk, {
    "op": "7" * 32, "app": APP, "uh": UH, "providers": '["erp"]', "required_scopes": '{"erp":["orders.read"]}', "expires_at": until, "claims": claims, "kek": KEK_VERSION, "details": details,
    "origin": "https://shop.acme.com", "return_url": "https://shop.acme.com/connected", "grant_expires_at": expires, "grant_max_expires_at": furthest, "last_return": came_back,
    "mac": connect_mac("session", session_pk, session_rk, APP, UH, '["erp"]', '{"erp":["orders.read"]}', "https://shop.acme.com", "https://shop.acme.com/connected", expires[0], furthest[0], until[0], "", claims,
                       came_back, b64(details))})
states = []
for filler, kept in ((8, '{"SessionToken":"sess_%s","CodeVerifier":"verifier","Nonce":null,"Scopes":["orders.read"],"SignIn":null}'),
                     (9, '{"SessionToken":"sess_%s","CodeVerifier":null,"Nonce":"nonce","Scopes":["openid"],"SignIn":{"IdentityProvider":"people","Attempt":1},'
                         '"RedirectUri":"https://vault.acme.com/oauth/signin/shop/people","PageOrigin":"https://vault.acme.com"}')):
    state, pk, rk = token("f", filler)
    states.append(state)
    held = sealed_connect(pk, rk, "secrets", kept % session)
    row("connect", pk, rk, {
        "app": APP, "provider": "erp", "session_pk": session_pk, "session_rk": session_rk, "cookie": "e" * 64, "mode": "Popup", "expires_at": until, "kek": KEK_VERSION, "secrets": held,
        "mac": connect_mac("flow", pk, rk, APP, "erp", session_pk, session_rk, "e" * 64, "Popup", until[0], b64(held))})

# The record: one entry and its lane's head.
lane, entry = "0638999999991234567-0a1b2c3d4e5f.0", '{"kind":"grant","id":"%s","at":"2026-11-24T12:00:00+00:00","app":"shop","user":"%s","grant_id":"%s","provider":"erp","outcome":"refreshed","generation":3,"grant_status":"active"}' % ("8" * 32, UH, GID)
chain = hashlib.sha256(lengths("alter/1", "audit", lane, "1", "00" * 32, entry)).digest()
row("audit202611", lane, "000000000001", {"entry": entry, "seq": Long(1), "prev": bytes(32), "chain": chain, "mac": hmac.digest(derive("audit", ""), chain, "sha256"), "kek": KEK_VERSION})
row("audit202611", lane, "head", {"seq": Long(1), "chain": chain, "at": created, "projected": Long(1)})

# What lies in the queues, and the tokens that a browser and a provider carry.
payload = f"{KEK_VERSION}." + b64url(seal(derive("spill", APP), b'{"AccessToken":"access-4","RefreshToken":"refresh-4","LifetimeSeconds":3600,"Scopes":["orders.read"],"AnsweredAt":"2026-11-24T12:55:00+00:00"}', place(GID, "spill", 4)))
def message(kind, due, **more): return json.dumps({"v": 1, "kind": kind, "gpk": PARTITION, "grk": f"erp|{ACCOUNT}", "gid": GID, "due": due, **more}, separators=(",", ":"))
row("queues", "refresh", "due", {"text": message("due", int(at("2026-11-24T12:54:00.1234567Z")[0]))})
row("queues", "refresh", "lease", {"text": message("lease", 0)})
row("queues", "refresh", "retry", {"text": message("retry", 0)})
row("queues", "refresh", "spill", {"text": message("spill", 0, payload=payload)})
row("queues", "revoke", "revoke", {"text": message("revoke", int(ends[0]))})
row("tokens", "connect", "session", {"text": f"sess_{session}"})
row("tokens", "connect", "flow", {"text": states[0]})
row("tokens", "connect", "sign_in", {"text": states[1]})

out = [{"format": "alter-backup", "version": 1, "taken_at": "2026-11-24T12:05:00.0000000Z"}, *rows]
body = "".join(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n" for line in out)
sys.stdout.write(body + json.dumps({"rows": len(rows), "sha256": hashlib.sha256(body.encode()).hexdigest()}, separators=(",", ":")) + "\n")
