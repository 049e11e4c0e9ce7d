"""Makes password digests with the software that people import them from.

    python make.py           writes vectors.json beside this file, with fixed salts
    python make.py --check   fails unless vectors.json is what would be written
    python make.py --out F   writes the same kinds of digests with random salts

Needs the packages of requirements.txt. Each vector has the hasher's name, its
maker, the digest, the passwords that the maker accepts for it, and some that it
refuses: a maker that cuts passwords accepts more than one. What a maker refuses
to hash at all is in `unhashable`. Costs are the lowest that each format allows
for, since the tests verify every vector several times.

"formula" as maker means that the format's own documentation is spelled out here
with hashlib; "published" that the digest is a sample from the maker's own tests.
"""

import argparse
import base64
import hashlib
import hmac
import json
import pathlib
import secrets
import struct
import sys
import unicodedata
import warnings

warnings.simplefilter("ignore")

import argon2.low_level
import bcrypt
import firebase_scrypt
import werkzeug.security
from django.conf import settings
from drupal_hash_utility import DrupalHashUtility
from passlib import hash as passlib

settings.configure()

from django.contrib.auth import hashers as django  # noqa: E402

HERE = pathlib.Path(__file__).parent / "vectors.json"

COMPOSED = unicodedata.normalize("NFC", "pässwörd Ünïcode")
PASSWORDS = [
    "Secure*Pass4",
    COMPOSED,
    unicodedata.normalize("NFD", COMPOSED),
    "пароль 密码 🔑🏳️‍🌈",
    "Correct horse battery staple, and then seventy-two bytes are not enough!!!",
    "é" * 50,
    "x",
    " ",
    "nul\0inside",
]
ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Salts:
    """Random bytes, or bytes that are the same every time."""

    def __init__(self, fixed):
        self.fixed = fixed
        self.n = 0

    def bytes(self, n):
        self.n += 1
        if not self.fixed:
            return secrets.token_bytes(n)
        return hashlib.shake_256(b"salt %d" % self.n).digest(n)

    def text(self, n):
        """Of letters and digits, which every format takes."""
        letters = ALPHABET[2:]
        return "".join(letters[byte % len(letters)] for byte in self.bytes(n))


def b64(data):
    return base64.b64encode(data).decode()


def unpadded(data):
    return b64(data).rstrip("=")


def bcrypt_salt(salts, version):
    """The modular crypt salt of cost 4; bcrypt itself makes only random ones."""
    table = str.maketrans(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    )
    text = unpadded(salts.bytes(16)).translate(table)
    return f"${version}$04${text}".encode()


def plain_bcrypt(version):
    return lambda password, salts: bcrypt.hashpw(
        password.encode(), bcrypt_salt(salts, version)
    ).decode()


def bcrypt_peppered(password, salts):
    pepper = salts.text(24)
    digest = bcrypt.hashpw((password + pepper).encode(), bcrypt_salt(salts, "2a"))
    return f"{digest.decode()}${pepper}"


def argon(variant, version=19):
    kind = getattr(argon2.low_level.Type, variant)
    return lambda password, salts: argon2.low_level.hash_secret(
        password.encode(), salts.bytes(16), 2, 64, 2, 32, kind, version
    ).decode()


def django_argon(password, salts):
    # Django puts its own name before what argon2-cffi makes; the import takes it off.
    hasher = django.Argon2PasswordHasher()
    hasher.memory_cost, hasher.time_cost, hasher.parallelism = 64, 2, 2
    return hasher.encode(password, salts.text(22)).removeprefix("argon2")


def werkzeug_scrypt(password, salts):
    salt, method = salts.text(16), "scrypt:1024:8:1"
    digest, method = werkzeug.security._hash_internal(method, salt, password)
    digest = f"{method}${salt}${digest}"
    assert werkzeug.security.check_password_hash(digest, password)
    return digest


def firebase(password, salts):
    salt, separator, signer = (b64(salts.bytes(n)) for n in (10, 1, 64))
    key = firebase_scrypt.generate_derived_key(password, salt, separator, 8, 8)
    digest = b64(firebase_scrypt.encrypt(base64.b64decode(signer), key))
    assert firebase_scrypt.verify_password(password, digest, salt, separator, signer, 8, 8)
    return digest, salt, separator, signer


def scrypt_firebase(password, salts):
    digest, salt, separator, signer = firebase(password, salts)
    return f"{digest}${salt}${signer}${separator}$8$8"


def firescrypt(password, salts):
    digest, salt, separator, signer = firebase(password, salts)
    return f"$firescrypt$ln=8,r=8,p=1${salt}${digest}${separator}${signer}"


def drupal(prefix, stretch=lambda password: password):
    def make(password, salts):
        utility = DrupalHashUtility()
        salt = salts.text(8)
        setting = {"count": 1 << 8, "salt": salt}
        hashed = utility._apply_hash(stretch(password), hashlib.sha512, setting)
        digest = f"$S$6{salt}{hashed}"
        assert utility.verify(stretch(password), digest)
        return prefix + digest

    return make


def hex_md5(password):
    return hashlib.md5(password.encode()).hexdigest()


def symfony(password, salts):
    # Symfony's documentation of its message digest hasher: the salted password is
    # hashed, then the raw hash and the salted password again and again.
    salt = salts.text(31)
    message = f"{password}{{{salt}}}".encode()
    digest = hashlib.sha512(message).digest()
    for _ in range(1, 100):
        digest = hashlib.sha512(digest + message).digest()
    return f"sha512_symfony$100${salt}${b64(digest)}"


def keycloak_pbkdf2(algorithm, name, length, as_text):
    def make(password, salts):
        salt = salts.bytes(16)
        # Keycloak pads passwords to 14 UTF-16 units, against a fault of one library.
        units = len(password.encode("utf-16-le")) // 2
        padded = password + "\0" * max(0, 14 - units)
        value = hashlib.pbkdf2_hmac(name, padded.encode(), salt, 1000, length)
        data = {"hashIterations": 1000, "algorithm": algorithm, "additionalParameters": {}}
        return credential({"value": b64(value), "salt": b64(salt)}, data, as_text)

    return make


def keycloak_argon(variant, as_text):
    def make(password, salts):
        salt = salts.bytes(16)
        kind = {"id": "ID", "i": "I", "d": "D"}[variant]
        value = argon2.low_level.hash_secret_raw(
            password.encode(), salt, 5, 64, 1, 32, getattr(argon2.low_level.Type, kind)
        )
        parameters = {
            "hashLength": ["32"],
            "memory": ["64"],
            "type": [variant],
            "version": ["1.3"],
            "parallelism": ["1"],
        }
        data = {"hashIterations": 5, "algorithm": "argon2", "additionalParameters": parameters}
        secret = {"value": b64(value), "salt": b64(salt), "additionalParameters": {}}
        return credential(secret, data, as_text)

    return make


def credential(secret, data, as_text):
    fold = json.dumps if as_text else (lambda value: value)
    whole = {
        "id": "1f1bd3a6-5d1d-4c3c-a7c1-0c3b0f4b8f4e",
        "type": "password",
        "createdDate": 1700000000000,
        "secretData": fold(secret),
        "credentialData": fold(data),
    }
    return json.dumps(whole, indent=None if as_text else 2)


def aspnet(prf, name):
    def make(password, salts):
        salt = salts.bytes(16)
        key = hashlib.pbkdf2_hmac(name, password.encode(), salt, 1000, 32)
        return b64(struct.pack(">BIII", 1, prf, 1000, len(salt)) + salt + key)

    return make


def templated(name, template):
    def make(password, salts):
        salt = salts.text(10)
        message = template.replace("{SALT}", salt).replace("{PASSWORD}", password)
        value = hashlib.new(name, message.encode()).digest()
        return f"${name}$pf={b64(template.encode())}${b64(salt.encode())}${b64(value)}"

    return make


def keyed(name):
    def make(password, salts):
        key = salts.bytes(12)
        value = hmac.new(key, password.encode(), name).hexdigest()
        return f"$hmac-{name}${b64(value.encode())}${b64(key)}"

    return make


def kratos_pbkdf2(name, length):
    def make(password, salts):
        salt = salts.bytes(16)
        value = hashlib.pbkdf2_hmac(name, password.encode(), salt, 1000, length)
        return f"$pbkdf2-{name}$i=1000,l={length}${unpadded(salt)}${unpadded(value)}"

    return make


def kratos_scrypt(password, salts):
    salt = salts.bytes(32)
    value = hashlib.scrypt(password.encode(), salt=salt, n=1024, r=8, p=1, dklen=32)
    return f"$scrypt$ln=1024,r=8,p=1${b64(salt)}${b64(value)}"


def kratos_crypt(hasher, number):
    def make(password, salts):
        digest = hasher.using(rounds=1000, salt=salts.text(16)).hash(password)
        return digest.replace(f"${number}$", f"${hasher.name.replace('_', '-')}$")

    return make


def of_passlib(hasher, prefix="", salt=8, binary=False, **settings):
    def make(password, salts):
        value = salts.bytes(salt) if binary else salts.text(salt)
        return prefix + hasher.using(salt=value, **settings).hash(password)

    return make


def of_pbkdf2(name, encode_salt, encode_hash, prefix, length=None, tail=""):
    def make(password, salts):
        salt = salts.bytes(16)
        stored = encode_salt(salt)
        # Without an encoding the stored text is itself the salt.
        salted = stored.encode() if encode_salt is bytes.hex and prefix == RAW else salt
        value = hashlib.pbkdf2_hmac(name, password.encode(), salted, 1000, length)
        return f"{prefix}$1000${stored}${encode_hash(value)}{tail}"

    return make


RAW = "pbkdf2_sha512"


def salted(name):
    def make(password, salts):
        salt = salts.text(8)
        return f"{salt}${hashlib.new(name, (salt + password).encode()).hexdigest()}"

    return make


def bare(name):
    return lambda password, salts: hashlib.new(name, password.encode()).hexdigest()


# Hasher, maker, function, and how many bytes of a password the maker reads.
MAKERS = [
    ("argon2i", "argon2-cffi", argon("I"), None),
    ("argon2id", "argon2-cffi", argon("ID"), None),
    ("argon2id", "argon2-cffi, version 16", argon("ID", 16), None),
    ("argon2id", "Django", django_argon, None),
    ("aspnet_identity_v3", "formula", aspnet(0, "sha1"), None),
    ("aspnet_identity_v3", "formula", aspnet(1, "sha256"), None),
    ("aspnet_identity_v3", "formula", aspnet(2, "sha512"), None),
    ("bcrypt", "bcrypt", plain_bcrypt("2a"), 72),
    ("bcrypt", "bcrypt", plain_bcrypt("2b"), 72),
    ("bcrypt", "bcrypt", plain_bcrypt("2y"), 72),
    (
        "bcrypt",
        "Django",
        lambda password, salts: django.BCryptPasswordHasher()
        .encode(password, bcrypt_salt(salts, "2b"))
        .removeprefix("bcrypt$"),
        72,
    ),
    ("bcrypt_peppered", "bcrypt", bcrypt_peppered, 72),
    (
        "bcrypt_sha256_django",
        "Django",
        lambda password, salts: django.BCryptSHA256PasswordHasher().encode(
            password, bcrypt_salt(salts, "2b")
        ),
        None,
    ),
    ("drupal7", "drupal-hash-utility", drupal(""), None),
    ("drupal7", "drupal-hash-utility, of MD5", drupal("U", hex_md5), None),
    ("keycloak", "formula", keycloak_pbkdf2("pbkdf2", "sha1", 64, True), None),
    ("keycloak", "formula", keycloak_pbkdf2("pbkdf2-sha256", "sha256", 64, False), None),
    ("keycloak", "formula", keycloak_pbkdf2("pbkdf2-sha512", "sha512", 64, True), None),
    ("keycloak", "argon2-cffi", keycloak_argon("id", True), None),
    ("keycloak", "argon2-cffi", keycloak_argon("d", False), None),
    ("ldap_ssha", "passlib", of_passlib(passlib.ldap_salted_sha1, binary=True), None),
    ("md5", "hashlib", bare("md5"), None),
    (
        "md5_phpass",
        "passlib",
        lambda password, salts: of_passlib(passlib.phpass, rounds=7)(hex_md5(password), salts),
        None,
    ),
    ("md5_salted", "hashlib", salted("md5"), None),
    ("pbkdf2_sha1", "hashlib", of_pbkdf2("sha1", bytes.hex, bytes.hex, "pbkdf2_sha1", 32), None),
    (
        "pbkdf2_sha1",
        "hashlib",
        of_pbkdf2("sha1", bytes.hex, bytes.hex, "pbkdf2_sha1", 20, "$20"),
        None,
    ),
    ("pbkdf2_sha256", "hashlib", of_pbkdf2("sha256", b64, b64, "pbkdf2_sha256"), None),
    (
        "pbkdf2_sha256_django",
        "Django",
        lambda password, salts: django.PBKDF2PasswordHasher().encode(
            password, salts.text(22), 1000
        ),
        None,
    ),
    ("pbkdf2_sha512", "hashlib", of_pbkdf2("sha512", bytes.hex, bytes.hex, RAW), None),
    (
        "pbkdf2_sha512_hex",
        "hashlib",
        of_pbkdf2("sha512", bytes.hex, bytes.hex, "pbkdf2_sha512_hex"),
        None,
    ),
    ("phc", "argon2-cffi", argon("I"), None),
    ("phc", "argon2-cffi", argon("ID"), None),
    ("phc", "bcrypt", plain_bcrypt("2a"), 72),
    ("phc", "hashlib", kratos_pbkdf2("sha1", 32), None),
    ("phc", "hashlib", kratos_pbkdf2("sha224", 16), None),
    ("phc", "hashlib", kratos_pbkdf2("sha256", 128), None),
    ("phc", "hashlib", kratos_pbkdf2("sha384", 48), None),
    ("phc", "hashlib", kratos_pbkdf2("sha512", 32), None),
    ("phc", "hashlib", kratos_scrypt, None),
    ("phc", "passlib", of_passlib(passlib.scrypt, salt=16, binary=True, rounds=10), None),
    ("phc", "firebase-scrypt", firescrypt, None),
    ("phc", "hashlib", lambda password, salts: f"$md5${b64(hashlib.md5(password.encode()).digest())}", None),
    ("phc", "hashlib", templated("md5", "{PASSWORD}{SALT}$?"), None),
    ("phc", "hashlib", templated("sha1", "{SALT}{PASSWORD}"), None),
    ("phc", "hashlib", templated("sha256", "{PASSWORD}%%{SALT}%%{PASSWORD}"), None),
    ("phc", "hashlib", templated("sha512", "${PASSWORD}${SALT}$"), None),
    ("phc", "hashlib", keyed("md5"), None),
    ("phc", "hashlib", keyed("sha1"), None),
    ("phc", "hashlib", keyed("sha224"), None),
    ("phc", "hashlib", keyed("sha256"), None),
    ("phc", "hashlib", keyed("sha384"), None),
    ("phc", "hashlib", keyed("sha512"), None),
    ("phc", "passlib", of_passlib(passlib.ldap_salted_sha1, binary=True), None),
    ("phc", "passlib", of_passlib(passlib.ldap_salted_sha256, binary=True), None),
    ("phc", "passlib", of_passlib(passlib.ldap_salted_sha512, binary=True), None),
    ("phc", "passlib", kratos_crypt(passlib.sha256_crypt, 5), None),
    ("phc", "passlib", kratos_crypt(passlib.sha512_crypt, 6), None),
    ("phpass", "passlib", of_passlib(passlib.phpass, rounds=7), None),
    ("phpass", "passlib", of_passlib(passlib.phpass, rounds=7, ident="$H$"), None),
    ("scrypt_firebase", "firebase-scrypt", scrypt_firebase, None),
    ("scrypt_werkzeug", "Werkzeug", werkzeug_scrypt, None),
    ("sha256", "hashlib", bare("sha256"), None),
    ("sha256_crypt", "passlib", of_passlib(passlib.sha256_crypt, salt=16, rounds=1000), None),
    ("sha256_crypt", "passlib", of_passlib(passlib.sha256_crypt, salt=3, rounds=5000), None),
    (
        "sha256_crypt",
        "passlib",
        of_passlib(passlib.sha256_crypt, "{CRYPT}", salt=8, rounds=1001),
        None,
    ),
    ("sha256_salted", "hashlib", salted("sha256"), None),
    ("sha512_crypt", "passlib", of_passlib(passlib.sha512_crypt, salt=16, rounds=1000), None),
    (
        "sha512_crypt",
        "passlib",
        of_passlib(passlib.sha512_crypt, "{CRYPT}", salt=8, rounds=5000),
        None,
    ),
    ("sha512_symfony", "formula", symfony, None),
]

PUBLISHED = [
    # Firebase's own sample, of its scrypt repository.
    (
        "scrypt_firebase",
        "Firebase",
        "user1password",
        "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="
        "$42xEC+ixf3L2lw==$jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
        "$Bw==$8$14",
    ),
    # ASP.NET Core's own tests.
    (
        "aspnet_identity_v3",
        "ASP.NET Core",
        "my password",
        "AQAAAAAAAAD6AAAAEAhftMyfTJylOlZT+eEotFXd1elee8ih5WsjXaR3PA9M",
    ),
    (
        "aspnet_identity_v3",
        "ASP.NET Core",
        "my password",
        "AQAAAAEAA9CQAAAAIESkQuj2Du8Y+kbc5lcN/W/3NiAZFEm11P27nrSN5/tId+bR1SwV8CO1Jd72r4C08OLvplNlCDc3oQZ8efcW+jQ=",
    ),
    (
        "aspnet_identity_v3",
        "ASP.NET Core",
        "my password",
        "AQAAAAIAAAD6AAAAIJbVi5wbMR+htSfFp8fTw8N8GOS/Sje+S/4YZcgBfU7EQuqv4OkVYmc4VJl9AGZzmRTxSkP7LtVi9IWyUxX8IAAfZ8v+ZfhjCcudtC1YERSqE1OEdXLW9VukPuJWBBjLuw==",
    ),
    # Kratos's own tests.
    (
        "phc",
        "Kratos",
        "test",
        "$scrypt$ln=16384,r=8,p=1$2npRo7P03Mt8keSoMbyD/tKFWyUzjiQf2svUaNDSrhA=$MiCzNcIplSMqSBrm4HckjYqYhaVPPjTARTzwB1cVNYE=",
    ),
    (
        "phc",
        "Kratos",
        "8x4WjoDbSxJZdR",
        "$firescrypt$ln=14,r=8,p=1$sPtDhWcd1MfdAw==$xbSou7FOl6mChCyzpCPIQ7tku7nsQMTFtyOZSXXd7tjBa4NtimOx7v42Gv2SfzPQu1oxM2/k4SsbOu73wlKe1A==$Bw==$YE0dO4bwD4JnJafh6lZZfkp1MtKzuKAXQcDCJNJNyeCHairWHKENOkbh3dzwaCdizzOspwr/FITUVlnOAwPKyw==",
    ),
    (
        "phc",
        "Kratos",
        "test",
        "$pbkdf2-sha512$i=100000,l=32$bdHBpn7OWOivJMVJypy2UqR0UnaD5prQXRZevj/05YU$+wArTfv1a+bNGO1iZrmEdVjhA+lL11wF4/IxpgYfPwc",
    ),
    ("phc", "Kratos", "test", "$argon2id$v=19$m=32,t=2,p=4$cm94YnRVOW5jZzFzcVE4bQ$MNzk5BtR2vUhrp6qQEjRNw"),
    ("phc", "Kratos", "ory", "$md5$pf=e1BBU1NXT1JEfXtTQUxUfSQ/$MTIzNDU2Nzg5$8PhwWanVRnpJAFK4NUjR0w=="),
    (
        "phc",
        "Kratos",
        "test",
        "$sha1$pf=Pz9zdGF0aWNQcmVmaXg/P3tTQUxUfXtQQVNTV09SRH0=$NW9wbWtnejAzcg==$SAAxMUn7jxckQXkBmsVF0nHwqso=",
    ),
    (
        "phc",
        "Kratos",
        "test",
        "$sha256$pf=e1NBTFR9JCR7UEFTU1dPUkR9$NW9wbWtnejAzcg==$HokCOi9OtiZaZRvnkgemV3B4UUHpI7kA8zq/EZWH2NY=",
    ),
    ("phc", "Kratos", "test123", "{SSHA256}czO44OTV17PcF1cRxWrLZLy9xHd7CWyVYplr1rOhuMlx/7IK"),
    (
        "phc",
        "Kratos",
        "test",
        "$hmac-sha256$ZTAzMWJhMWMyOTM4YjFkMjgzZjkxOWExZGY5YWM2NmMxOTJhN2RkNzQ0MzJkNWZkNGFkYTI5OTk0MWJhMTA5Zg==$MTIzNDU=",
    ),
    (
        "phc",
        "Kratos",
        "ory",
        "$sha256-crypt$rounds=535000$awpcR7lDlnK/S7WE$vHU7KkQwyjfGz6u4MUi7.lH9htK/l63HloTsX1ZMz.3",
    ),
    # The specification of SHA-crypt.
    (
        "sha256_crypt",
        "specification",
        "Hello world!",
        "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
    ),
    (
        "sha512_crypt",
        "specification",
        "Hello world!",
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
    ),
]


def others(password, read):
    """Passwords near this one, and whether a maker that reads so many bytes sees a difference."""
    near = [password + "x", password.swapcase(), password[1:], password[:-1], password[::-1]]
    near += [unicodedata.normalize(form, password) for form in ("NFC", "NFD")]
    whole = password.encode()
    for other in dict.fromkeys(near):
        if other != password:
            yield other, other.encode()[:read] == whole[:read]


def vectors(salts):
    made, unhashable = [], []
    for hasher, maker, make, read in MAKERS:
        # Kratos has so many forms that fewer passwords do for each.
        for password in PASSWORDS[:: 1 if hasher != "phc" else 4]:
            try:
                digest = make(password, salts)
            except ValueError as error:
                why = type(error).__name__
                unhashable.append(
                    {"hasher": hasher, "maker": maker, "password": password, "error": why}
                )
                continue
            vector = {"hasher": hasher, "maker": maker, "digest": digest}
            vector["accepts"], vector["refuses"] = [password], []
            for other, same in others(password, read):
                vector["accepts" if same else "refuses"].append(other)
            vector["refuses"] = vector["refuses"][:2]
            made.append(vector)
    for hasher, maker, password, digest in PUBLISHED:
        vector = {"hasher": hasher, "maker": f"{maker}, published", "digest": digest}
        vector["accepts"], vector["refuses"] = [password], [password + "x"]
        made.append(vector)
    return {"vectors": made, "unhashable": unhashable}


def text_of(made):
    """One vector to the line, so that a change shows as one."""
    lists = []
    for name, items in made.items():
        lines = ",\n".join("    " + json.dumps(item, ensure_ascii=False) for item in items)
        lists.append(f'  "{name}": [\n{lines}\n  ]')
    return "{\n" + ",\n".join(lists) + "\n}\n"


def main():
    parser = argparse.ArgumentParser(description="Make digests for the tests.")
    parser.add_argument("--check", action="store_true", help="compare with vectors.json")
    parser.add_argument("--out", type=pathlib.Path, help="write fresh ones to this file")
    options = parser.parse_args()
    if options.out:
        options.out.write_text(text_of(vectors(Salts(fixed=False))), encoding="utf-8")
        return
    text = text_of(vectors(Salts(fixed=True)))
    if options.check:
        if HERE.read_text(encoding="utf-8") != text:
            sys.exit(f"{HERE.name} is not what {pathlib.Path(__file__).name} makes")
        return
    HERE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
