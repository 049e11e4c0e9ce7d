use base64::{Engine as _, engine::general_purpose::STANDARD};
use md5::Digest as _;
use proptest::prelude::*;

use super::*;
use crate::NativeScheme;

const PASSWORD: &str = "Secure*Pass4";

/// Digests of [`PASSWORD`]. Those for which no other maker is named were computed
/// with Python's standard library.
const VECTORS: &[(Hasher, &str)] = &[
    (Hasher::Bcrypt, "$2b$10$abcdefghijklmnopqrstuuLSFgy6NNouncfY7wjAHgjaJjjcjDOn2"),
    (
        Hasher::BcryptSha256Django,
        "bcrypt_sha256$$2b$10$abcdefghijklmnopqrstuuzqBMXoyWHPbqeIVj4zcX6mqNAurFJF6",
    ),
    (Hasher::BcryptPeppered, "$2b$10$abcdefghijklmnopqrstuu5QopGBmlJPn9AOPXzuaDuGHt4VrqnJW$pepper"),
    // libxcrypt.
    (Hasher::Bcrypt, "$2a$05$abcdefghijklmnopqrstuuIw8yJIZamNG31MIQubru3yeeXsz94dq"),
    (Hasher::Bcrypt, "$2x$05$abcdefghijklmnopqrstuuIw8yJIZamNG31MIQubru3yeeXsz94dq"),
    (Hasher::Bcrypt, "$2y$05$abcdefghijklmnopqrstuuIw8yJIZamNG31MIQubru3yeeXsz94dq"),
    // passlib.
    (Hasher::Bcrypt, "$2$05$abcdefghijklmnopqrstuuVujjj.W1IcnsqD3e2pgmflmM3I.5KV2"),
    (Hasher::Md5, "1d6afe0dc67918e27c5178fa29d4a08c"),
    (Hasher::Md5Salted, "NaCl$49eed12af785d8069425790287c4765d"),
    (Hasher::Sha256, "2f37d68b3204c67d28d90222a3593347b912f3d303e9330da2985e7b12f3ede4"),
    (Hasher::Sha256Salted, "NaCl$260b8e7666ac6ff5be177595f0dfabcd2c8f565fb23559b07445cd6f61f536b0"),
    (
        Hasher::Pbkdf2Sha1,
        "pbkdf2_sha1$1000$30313233343536373839616263646566$\
         f957f6f15367655a0ee0645ce901b06d2f245fa17745acd5ae757f0c43e42a9a",
    ),
    (
        Hasher::Pbkdf2Sha1,
        "pbkdf2_sha1$1000$30313233343536373839616263646566$\
         f957f6f15367655a0ee0645ce901b06d2f245fa1$20",
    ),
    (
        Hasher::Pbkdf2Sha1,
        "pbkdf2_sha1$1000$seasalt$f04efb6003c2bed50a6e33700501f83bef871f3a20139bd31843fed32dacfe9b",
    ),
    (
        Hasher::Pbkdf2Sha256,
        "pbkdf2_sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg==$nCSsnh0q8570HezCvjRsN2usfTsjqMP30WvkPmq8FZ8=",
    ),
    (
        Hasher::Pbkdf2Sha256Django,
        "pbkdf2_sha256$1000$seasalt$EjvAPY79WXEs0C6DMz+F9OXOYDwxyjCdipvSTkoIwzQ=",
    ),
    (
        Hasher::Pbkdf2Sha512,
        "pbkdf2_sha512$1000$seasalt$c31fc0536618ef4fd1d53e960a6b2cad2fd71abc1b0d22e100a122e28b118773\
         a7b8fa42a94c6aa0cd772d39f3957cfc78fda5ac52c7bb95d6c3741bfcc632a6",
    ),
    (
        Hasher::Pbkdf2Sha512Hex,
        "pbkdf2_sha512_hex$1000$30313233343536373839616263646566$\
         81931b060fb22acc580ea703987f77847f609b425edaf4ecc530ce26aa3a7772\
         3c4f4978d7b7fa9ef43599db5d1d33cbfafa30957ccdd840d169df1ccc600d9e",
    ),
    (Hasher::Phpass, "$P$Bsaltsalt0gc7QTySswNqk.7TbaRmr1"),
    (Hasher::Md5Phpass, "$P$BsaltsaltOFd/BgTCPsrpEIMCXCAET/"),
    (
        Hasher::ScryptWerkzeug,
        "scrypt:32768:8:1$seasalt$\
         1abed5904a8b8e23e7b5c68de2dd494569aaf7738b05a4a464965ab0ccb2b47e\
         56146e15a0728099101e89a9ccfa533a5777200a62c7ad1d4d93cf0761a84808",
    ),
    (
        Hasher::ScryptFirebase,
        "0fkSikF5wqIh1wy0Oej2bPAOx83dIIEYnDwYL5xnh7ak0hi2btDoNRbIrujx58us82+z393yiFlQzyOtBlMQOQ==\
         $42xEC+ixf3L2lw==\
         $AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==\
         $Bw==$8$14",
    ),
    (Hasher::LdapSsha, "{SSHA}6GBbF9ECMWk/+GUACJqVPw8TfcBzYWx0"),
    (
        Hasher::Sha512Symfony,
        "sha512_symfony$5000$seasalt$\
         9QWFGrG0uYbD0PmbDVbpo8iRbrGBe/nUjU0/eu5fZKZOXurvvCZfGT9j0uN3CDNy4WBjPR4fkuDK/RiHstZ7IA==",
    ),
    // argon2-cffi.
    (
        Hasher::Argon2id,
        "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg\
         $HBm/0UtQ8E7Ujz+iR6fVlozGcNa7jrOjpE8PQe/9NFw",
    ),
    (
        Hasher::Argon2id,
        "$argon2id$v=19$m=64,t=3,p=8$MDEyMzQ1Njc4OWFiY2RlZg\
         $u253FHHsGE6uCxsG8STrYg1IkdqFUCPf6Ywlc69LMn4",
    ),
    (
        Hasher::Argon2id,
        "$argon2id$v=16$m=64,t=3,p=8$MDEyMzQ1Njc4OWFiY2RlZg\
         $ZH6QN2TeGOwm4loqSAwwvJBPlZIi8j/YWufz6oAxgCU",
    ),
    (
        Hasher::Argon2i,
        "$argon2i$v=19$m=64,t=3,p=8$MDEyMzQ1Njc4OWFiY2RlZg\
         $joqBQ9lha1XO1hqpsXR5DxquRFP2cvtP1KT9/i8uU9k",
    ),
    (
        Hasher::Argon2i,
        "$argon2i$m=64,t=3,p=8$MDEyMzQ1Njc4OWFiY2RlZg\
         $XZr2atplYMQSp0bwA3/s/3Tx7YpEdMhvTXG17XA+F4I",
    ),
    // By vectors/make.py.
    (
        Hasher::AspnetIdentityV3,
        "AQAAAAIAAAPoAAAAEFH1GV4oiZDi7ovj2rKO75fDSpi6Px1iTw6WKzPXru18TMxYo8+Ox06xbp2EORypOw==",
    ),
    (Hasher::Drupal7, "$S$6zb0C6JJtqFKI9TmojmPq3VtUzjbru2KVeHlFRT2fTO3EGRdLBII"),
    (Hasher::Drupal7, "U$S$6idx46EEPX/h7zKpt5Nr4hZk22Oq1yfU1xt03/rDp0vzfViluG30"),
    (
        Hasher::Keycloak,
        r#"{"id": "1f1bd3a6-5d1d-4c3c-a7c1-0c3b0f4b8f4e", "type": "password", "createdDate": 1700000000000, "secretData": "{\"value\": \"ZT6B375hE58zmzJVdIOBr/Wta2d9ouuzUwBZGpa7zjRXPCWoeqXoyzFgGdmILSELM+YgDReMa6sulArbIo/sJA==\", \"salt\": \"Ykl29qhLRqzpjcYneUFaiA==\"}", "credentialData": "{\"hashIterations\": 1000, \"algorithm\": \"pbkdf2-sha512\", \"additionalParameters\": {}}"}"#,
    ),
    (
        Hasher::Keycloak,
        r#"{"id": "1f1bd3a6-5d1d-4c3c-a7c1-0c3b0f4b8f4e", "type": "password", "createdDate": 1700000000000, "secretData": "{\"value\": \"3OWGiVTbTdvYefsvqLa/ftOUfS5lTRpqZlvhqHusIV4=\", \"salt\": \"P4DuXs7K6txbowXHCO4JeA==\", \"additionalParameters\": {}}", "credentialData": "{\"hashIterations\": 5, \"algorithm\": \"argon2\", \"additionalParameters\": {\"hashLength\": [\"32\"], \"memory\": [\"64\"], \"type\": [\"id\"], \"version\": [\"1.3\"], \"parallelism\": [\"1\"]}}"}"#,
    ),
    (
        Hasher::Phc,
        "$sha256$pf=e1BBU1NXT1JEfSUle1NBTFR9JSV7UEFTU1dPUkR9$S2Q0MmhDcjhORA==$L0nZMOw+zt4FzJbG+0/2mQjbk7UgUc0P15Hyz4AokKQ=",
    ),
    (
        Hasher::Sha256Crypt,
        "$5$rounds=1000$Vpi9GUcOLPeJeXsV$8wOVOnKxYCnCqpiuLKxIx3NfsNi9pPdK8wOHFyzMGd2",
    ),
    (
        Hasher::Sha512Crypt,
        "{CRYPT}$6$3rujdYsO$Gj6mraao7IHgq814Q95um5ZTU6Vb2MpUvt9OMRKf05rOJv9gIH1muN8Ft59JLBl/8erzHvYr998dWzHj6eHrU0",
    ),
];

fn verifies(hasher: Hasher, text: &str, password: &str) -> bool {
    let digest = Digest::parse(hasher, text).unwrap_or_else(|why| panic!("{hasher:?}: {why}"));
    digest.verify(&Password::from(password), &mut Scratch::default())
}

#[test]
fn every_hasher_has_a_vector() {
    for hasher in Hasher::ALL {
        assert!(VECTORS.iter().any(|(of, _)| of == hasher), "{hasher:?}");
    }
}

#[test]
fn every_vector_verifies_its_password_and_no_other() {
    for &(hasher, text) in VECTORS {
        assert!(verifies(hasher, text, PASSWORD), "{hasher:?} {text}");
        for other in ["secure*Pass4", "Secure*Pass", "Secure*Pass4 ", ""] {
            assert!(!verifies(hasher, text, other), "{hasher:?} {other:?}");
        }
    }
}

#[test]
fn the_text_comes_back_as_given_and_debug_does_not_show_it() {
    for &(hasher, text) in VECTORS {
        let digest = Digest::parse(hasher, text).unwrap();
        assert_eq!(digest.as_str(), text);
        assert_eq!(digest.hasher(), hasher);
        assert_eq!(format!("{digest:?}"), format!("Digest {{ hasher: {hasher:?}, .. }}"));
    }
}

/// Made by libxcrypt and, for version 2, passlib.
#[test]
fn the_faults_of_old_bcrypt_versions_are_kept() {
    for (password, version, tail) in [
        ("ä€password", "2b", "UWtaJ5KgGLsjmfcZAHocGeV5BO10r1e"),
        ("ä€password", "2a", "UWtaJ5KgGLsjmfcZAHocGeV5BO10r1e"),
        ("ä€password", "2x", "JLwWiVFuWU0irpz4cEPIRUiBC6Sqdp6"),
        ("ä€password", "2", "pdh.TyGoPi1cfpQX43cViZ0ympHQecK"),
        ("ÿÿ£34ÿÿÿ£345", "2y", "/fVV4mdaZ0ecUqGmUZHFGFwTl1vtHxi"),
        ("ÿÿ£34ÿÿÿ£345", "2x", "yzxkwt1ts2sXCluZziu0hlGaKxgo0GK"),
        ("", "2b", "0oImNDIy4flhldV9YqunRgBAePKmw7m"),
        ("", "2x", "0oImNDIy4flhldV9YqunRgBAePKmw7m"),
    ] {
        let text = format!("${version}$05$abcdefghijklmnopqrstuu{tail}");
        assert!(verifies(Hasher::Bcrypt, &text, password), "{text}");
    }
}

/// Made by libxcrypt and, for version 2, passlib.
#[test]
fn bcrypt_reads_72_bytes_in_every_version() {
    for (version, tail) in [
        ("2", "9CyuiEyTnupb4rnoYIlshaDzoYa6ZaS"),
        ("2b", "9CyuiEyTnupb4rnoYIlshaDzoYa6ZaS"),
        ("2x", "NoKeAyGavgp3AqGxKUeq0duzFjhyBfy"),
    ] {
        let text = format!("${version}$05$abcdefghijklmnopqrstuu{tail}");
        assert!(verifies(Hasher::Bcrypt, &text, &"é".repeat(50)));
        assert!(verifies(Hasher::Bcrypt, &text, &"é".repeat(36)));
        let last = format!("{}x", "é".repeat(35));
        assert!(!verifies(Hasher::Bcrypt, &text, &last));
    }
}

#[test]
fn the_salt_may_stand_on_either_side() {
    let md5 = "NaCl$0288db2f2906eca800c1280d1aa8eff3";
    let sha256 = "NaCl$da5bef0cbef2c946b5f96e494cd86e1e8d00ee45b7b7b29096c2a69051e07c57";
    assert!(verifies(Hasher::Md5Salted, md5, PASSWORD));
    assert!(verifies(Hasher::Sha256Salted, sha256, PASSWORD));
}

#[test]
fn other_spellings_of_a_format_are_accepted() {
    for (hasher, text) in [
        (Hasher::Md5, "1D6AFE0DC67918E27C5178FA29D4A08C"),
        (Hasher::Phpass, "$H$Bsaltsalt0gc7QTySswNqk.7TbaRmr1"),
        (Hasher::LdapSsha, "{ssha}6GBbF9ECMWk/+GUACJqVPw8TfcBzYWx0"),
        (
            Hasher::Pbkdf2Sha256,
            "pbkdf2_sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$nCSsnh0q8570HezCvjRsN2usfTsjqMP30WvkPmq8FZ8",
        ),
        (
            Hasher::ScryptWerkzeug,
            "$32768:8:1$seasalt$\
             Gr7VkEqLjiPntcaN4t1JRWmq93OLBaSkZJZasMyytH5WFG4VoHKAmRAeianM+lM6V3cgCmLHrR1Nk88HYahICA==",
        ),
    ] {
        assert!(verifies(hasher, text, PASSWORD), "{hasher:?} {text}");
    }
}

#[test]
fn passwords_over_the_limit_never_verify() {
    let long = "a".repeat(Password::MAX_BYTES + 1);
    let text = hex::encode(md5::Md5::digest(&long));
    assert!(!verifies(Hasher::Md5, &text, &long));
    let text = hex::encode(md5::Md5::digest(&long[1..]));
    assert!(verifies(Hasher::Md5, &text, &long[1..]));
}

/// Cut, lengthened, of a foreign alphabet: what every format must refuse.
#[test]
fn malformed_variants_of_every_vector_are_refused() {
    for &(hasher, text) in VECTORS {
        // Up to where every cut shows; a salt, a hash or a number that may have
        // several lengths is as good without its end.
        let keep = match hasher {
            Hasher::Argon2i | Hasher::Argon2id => text.len() - 24,
            Hasher::BcryptPeppered | Hasher::ScryptFirebase => text.rfind('$').unwrap(),
            Hasher::LdapSsha => "{SSHA}".len() + 27,
            Hasher::AspnetIdentityV3 => text.len() - 28,
            _ => text.trim_end_matches('=').len() - 1,
        };
        for end in 0..=keep {
            let cut = &text[..end];
            assert!(Digest::parse(hasher, cut).is_err(), "{hasher:?} {cut:?}");
        }
        let mut bad = vec![
            format!("{text}\0"),
            format!("\0{text}"),
            format!("{text}\u{7f}"),
            format!("{text}{}", "a".repeat(10_000)),
            "a".repeat(10_000),
            "$".repeat(200),
            "é".repeat(60),
            String::new(),
        ];
        if hasher != Hasher::BcryptPeppered {
            let mut foreign = text.to_owned();
            let at = match hasher {
                Hasher::ScryptFirebase => 3,
                _ => text.trim_end_matches('=').len() - 4,
            };
            foreign.replace_range(at..=at, "!");
            bad.push(foreign);
            bad.push(format!("{text}!"));
        }
        // These two take any text for salt.
        if !matches!(hasher, Hasher::Md5Salted | Hasher::Sha256Salted) {
            bad.push(format!("$${text}"));
        }
        for bad in bad {
            assert!(Digest::parse(hasher, &bad).is_err(), "{hasher:?} {bad:?}");
        }
    }
}

#[test]
fn parameters_out_of_bounds_are_refused_and_the_bounds_themselves_are_not() {
    let key32 = "EjvAPY79WXEs0C6DMz+F9OXOYDwxyjCdipvSTkoIwzQ=";
    let key64 = "ab".repeat(64);
    let bcrypt = |cost| format!("$2b${cost}$abcdefghijklmnopqrstuuLSFgy6NNouncfY7wjAHgjaJjjcjDOn2");
    let argon = |params| format!("$argon2id$v=19${params}$MDEyMzQ1Njc4OWFiY2RlZg${}", &key32[..43]);
    let django = |n| format!("pbkdf2_sha256${n}$seasalt${key32}");
    let sha1 = |n| format!("pbkdf2_sha1${n}$seasalt${}", "ab".repeat(32));
    let phpass = |rounds| format!("$P${rounds}saltsalt0gc7QTySswNqk.7TbaRmr1");
    let werkzeug = |args| format!("scrypt:{args}$seasalt${key64}");
    let symfony = |n| format!("sha512_symfony${n}$seasalt${}==", "A".repeat(86));
    let drupal = |rounds| format!("$S${rounds}saltsalt{}", "a".repeat(43));
    let crypt = |rounds| format!("$5${rounds}saltsalt${}", "a".repeat(42) + ".");
    let aspnet = |prf: u32, iterations: u32, salt_length: u32| {
        let numbers = [prf, iterations, salt_length].map(u32::to_be_bytes);
        let bytes = [&[1], numbers.as_flattened(), &[7; 48]].concat();
        STANDARD.encode(bytes)
    };
    let keycloak = |algorithm: &str, iterations: &str, parameters: &str| {
        let separator = if parameters.is_empty() { "" } else { "," };
        format!(
            r#"{{"secretData":{{"value":"{0}","salt":"{0}"}},"credentialData":{{
            "hashIterations":{iterations},"algorithm":"{algorithm}","additionalParameters":
            {{"type":["id"],"parallelism":["1"]{separator}{parameters}}}}}}}"#,
            if algorithm == "argon2" { key32.to_owned() } else { STANDARD.encode([7; 64]) },
        )
    };
    let scrypt = |params| format!("$scrypt${params}$AAAA${key32}");
    let template = |text: &str| format!("$sha256$pf={}$AAAA${key32}", STANDARD.encode(text));
    let firebase = |tail| format!("{0}${0}${0}$Bw==${tail}", &key32);
    for (hasher, good, bad) in [
        (
            Hasher::Bcrypt,
            vec![bcrypt("04"), bcrypt("15")],
            vec![bcrypt("03"), bcrypt("16"), bcrypt("31"), bcrypt("4"), bcrypt("+5")],
        ),
        (
            Hasher::Argon2id,
            vec![argon("m=262144,t=8,p=16"), argon("m=8,t=1,p=1"), argon("m=2048,t=1024,p=1")],
            vec![
                argon("m=262145,t=1,p=1"),
                argon("m=262144,t=9,p=1"),
                argon("m=4294967295,t=1,p=1"),
                argon("m=8,t=1025,p=1"),
                argon("m=8,t=0,p=1"),
                argon("m=8,t=1,p=0"),
                argon("m=8,t=1,p=2"),
                argon("m=1024,t=1,p=17"),
                argon("t=1,m=8,p=1"),
                argon("m=8,t=1"),
                argon("m=8,t=1,p=1,keyid=a"),
                argon("m=99999999999999999999,t=1,p=1"),
                argon("m=-8,t=1,p=1"),
            ],
        ),
        (
            Hasher::Pbkdf2Sha256Django,
            vec![django("1"), django("6000000")],
            vec![
                django("0"),
                django("6000001"),
                django("-1"),
                django(""),
                django("1e3"),
                django("99999999999"),
            ],
        ),
        // 32 bytes are two blocks of SHA-1, each of which costs all the iterations.
        (Hasher::Pbkdf2Sha1, vec![sha1("3000000")], vec![sha1("3000001")]),
        (
            Hasher::Phpass,
            vec![phpass("5"), phpass("I")],
            vec![phpass("4"), phpass("J"), phpass("z"), phpass("$")],
        ),
        (
            Hasher::ScryptWerkzeug,
            vec![werkzeug("131072:8:1"), werkzeug("32768:8:16"), werkzeug("2:1:1")],
            vec![
                werkzeug("262144:8:1"),
                werkzeug("131072:9:1"),
                werkzeug("32768:8:17"),
                werkzeug("32767:8:1"),
                werkzeug("1:8:1"),
                werkzeug("0:8:1"),
                werkzeug("32768:0:1"),
                werkzeug("32768:8:0"),
                werkzeug("32768:8"),
                werkzeug("4294967296:8:1"),
            ],
        ),
        (
            Hasher::ScryptFirebase,
            vec![firebase("8$14"), firebase("1$1")],
            vec![
                firebase("9$14"),
                firebase("8$15"),
                firebase("0$14"),
                firebase("8$0"),
                firebase("8$14$"),
            ],
        ),
        (
            Hasher::Drupal7,
            vec![drupal("5"), drupal("I")],
            vec![drupal("4"), drupal("J"), drupal("é"), drupal("")],
        ),
        (
            Hasher::Sha256Crypt,
            vec![crypt("rounds=1000$"), crypt("rounds=700000$"), crypt("")],
            vec![
                crypt("rounds=999$"),
                crypt("rounds=700001$"),
                crypt("rounds=$"),
                crypt("rounds=+5000$"),
                crypt("5000$"),
            ],
        ),
        (
            Hasher::AspnetIdentityV3,
            vec![aspnet(0, 3_000_000, 16), aspnet(2, 6_000_000, 16), aspnet(1, 1, 32)],
            vec![
                aspnet(0, 3_000_001, 16),
                aspnet(1, 6_000_001, 16),
                aspnet(1, 0, 16),
                aspnet(3, 1000, 16),
                aspnet(1, u32::MAX, 16),
                aspnet(1, 1000, 15),
                aspnet(1, 1000, 33),
                aspnet(1, 1000, u32::MAX),
            ],
        ),
        (
            Hasher::Keycloak,
            vec![
                keycloak("pbkdf2", "1500000", ""),
                keycloak("pbkdf2-sha256", "3000000", ""),
                keycloak("argon2", "8", r#""version":["1.3"],"memory":["262144"]"#),
                keycloak("argon2", "1", r#""version":["1.0"],"memory":["8"]"#),
            ],
            vec![
                keycloak("pbkdf2", "1500001", ""),
                keycloak("pbkdf2-sha256", "3000001", ""),
                keycloak("pbkdf2-sha256", "0", ""),
                keycloak("pbkdf2-sha256", "-1", ""),
                keycloak("pbkdf2-sha256", "1e3", ""),
                keycloak("pbkdf2-sha256", "99999999999", ""),
                keycloak("pbkdf2-md5", "1000", ""),
                keycloak("argon2", "9", r#""version":["1.3"],"memory":["262144"]"#),
                keycloak("argon2", "1", r#""version":["1.3"],"memory":["262145"]"#),
                keycloak("argon2", "1", r#""version":["1.3"],"memory":["8","8"]"#),
                keycloak("argon2", "1", r#""version":["1.3"],"memory":[8]"#),
                keycloak("argon2", "1", r#""version":["1.3"]"#),
                keycloak("argon2", "1", r#""version":["2.0"],"memory":["8"]"#),
            ],
        ),
        (
            Hasher::Phc,
            vec![
                scrypt("ln=16,r=8,p=1"),
                scrypt("ln=131072,r=8,p=1"),
                scrypt("ln=65536,r=8,p=8"),
                template("{PASSWORD}"),
                template(&format!("{{PASSWORD}}{}", "x".repeat(246))),
            ],
            vec![
                scrypt("ln=18,r=8,p=1"),
                scrypt("ln=262144,r=8,p=1"),
                scrypt("ln=65535,r=8,p=1"),
                scrypt("ln=65536,r=8,p=9"),
                scrypt("ln=0,r=8,p=1"),
                scrypt("ln=16,r=0,p=1"),
                scrypt("ln=16,r=8"),
                scrypt("r=8,ln=16,p=1"),
                scrypt("ln=16,r=8,p=1,x=1"),
                template(""),
                template("{SALT}"),
                template(&format!("{{PASSWORD}}{}", "x".repeat(247))),
                "$pbkdf2-md5$i=1,l=16$AAAA$AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
                "$pbkdf2-sha256$i=6000001,l=16$AAAA$AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
                "$hmac-md4$MWQ5ZTI4Nzc2Zjg4YmE2MTQ5YjQ0OTMyOGE4NWU4YjA=$MTIzNDU=".to_owned(),
                "$md5-crypt$TVEiiKNb$SN6/pUaRQS/E8Jh46As2C/".to_owned(),
                "{SHA}JFZFs0oHzxbMwkSJmYVeI8MnTDy".to_owned(),
                "Secure*Pass4".to_owned(),
            ],
        ),
        (
            Hasher::Sha512Symfony,
            vec![symfony("1"), symfony("1000000")],
            vec![symfony("0"), symfony("1000001")],
        ),
    ] {
        for text in good {
            assert!(Digest::parse(hasher, &text).is_ok(), "{hasher:?} {text}");
        }
        for text in bad {
            assert!(Digest::parse(hasher, &text).is_err(), "{hasher:?} {text}");
        }
    }
}

#[test]
fn hashes_too_short_to_tell_passwords_apart_are_refused() {
    for (hasher, text) in [
        (Hasher::Argon2id, "$argon2id$v=19$m=64,t=3,p=8$MDEyMzQ1Njc4OWFiY2RlZg$AAAA"),
        (Hasher::Argon2id, "$argon2id$v=19$m=64,t=3,p=8$MDEyMzQ1Njc4OWFiY2RlZg$"),
        (Hasher::Pbkdf2Sha256Django, "pbkdf2_sha256$1000$seasalt$"),
        (Hasher::Pbkdf2Sha512, "pbkdf2_sha512$1000$seasalt$abcd"),
        (Hasher::Pbkdf2Sha1, "pbkdf2_sha1$1000$seasalt$ab$1"),
        (Hasher::ScryptFirebase, "$42xEC+ixf3L2lw==$$Bw==$8$14"),
        (Hasher::LdapSsha, "{SSHA}AAAA"),
    ] {
        assert!(Digest::parse(hasher, text).is_err(), "{hasher:?} {text}");
    }
}

#[test]
fn a_salt_is_not_searched_for_the_words_of_a_template() {
    let hash = STANDARD.encode(sha2::Sha256::digest("{PASSWORD}Secure*Pass4"));
    let (salt, template) = (STANDARD.encode("{PASSWORD}"), STANDARD.encode("{SALT}{PASSWORD}"));
    assert!(verifies(Hasher::Phc, &format!("$sha256$pf={template}${salt}${hash}"), PASSWORD));
}

#[test]
fn what_is_weaker_than_a_native_digest_follows_from_its_parameters() {
    let both = (true, true);
    let (only_than_argon, neither) = ((true, false), (false, false));
    let argon = |variant, params| {
        format!("${variant}$v=19${params}$MDEyMzQ1Njc4OWFiY2RlZg$AAAAAAAAAAAAAAAAAAAAAA")
    };
    let bcrypt = |version, cost| {
        format!("${version}${cost}$abcdefghijklmnopqrstuuLSFgy6NNouncfY7wjAHgjaJjjcjDOn2")
    };
    let werkzeug = |args| format!("scrypt:{args}$seasalt${}", "ab".repeat(64));
    let django = |n| format!("pbkdf2_sha256${n}$salt$EjvAPY79WXEs0C6DMz+F9OXOYDwxyjCdipvSTkoIwzQ=");
    let sha512 = |n| format!("pbkdf2_sha512${n}$salt${}", "ab".repeat(64));
    for (hasher, text, expected) in [
        (Hasher::Argon2id, argon("argon2id", "m=19456,t=2,p=1"), neither),
        (Hasher::Argon2id, argon("argon2id", "m=47104,t=1,p=1"), neither),
        (Hasher::Argon2id, argon("argon2id", "m=7168,t=5,p=1"), neither),
        (Hasher::Argon2id, argon("argon2id", "m=7167,t=9,p=1"), only_than_argon),
        (Hasher::Argon2id, argon("argon2id", "m=19456,t=1,p=1"), only_than_argon),
        (Hasher::Argon2id, argon("argon2id", "m=64,t=3,p=8"), both),
        (Hasher::Argon2i, argon("argon2i", "m=65536,t=3,p=1"), only_than_argon),
        (Hasher::ScryptWerkzeug, werkzeug("131072:8:1"), neither),
        (Hasher::ScryptWerkzeug, werkzeug("8192:8:10"), neither),
        (Hasher::ScryptWerkzeug, werkzeug("32768:8:1"), only_than_argon),
        (Hasher::ScryptWerkzeug, werkzeug("8192:8:1"), both),
        (Hasher::Bcrypt, bcrypt("2b", "10"), only_than_argon),
        (Hasher::Bcrypt, bcrypt("2a", "14"), only_than_argon),
        (Hasher::Bcrypt, bcrypt("2b", "09"), both),
        (Hasher::Bcrypt, bcrypt("2x", "12"), both),
        (Hasher::Bcrypt, bcrypt("2", "12"), both),
        (Hasher::Pbkdf2Sha256Django, django("600000"), only_than_argon),
        (Hasher::Pbkdf2Sha256Django, django("599999"), both),
        (Hasher::Pbkdf2Sha512, sha512("210000"), only_than_argon),
        (Hasher::Pbkdf2Sha512, sha512("209999"), both),
    ] {
        let digest = Digest::parse(hasher, &text).unwrap();
        let weaker = |scheme| digest.is_weaker_than(scheme);
        let found = (weaker(NativeScheme::Argon2id), weaker(NativeScheme::Bcrypt));
        assert_eq!(found, expected, "{text}");
    }
    // Hashes that are fast, or merely repeated.
    for &(hasher, text) in VECTORS {
        let digest = Digest::parse(hasher, text).unwrap();
        if !matches!(
            digest.form,
            Form::Argon(_) | Form::Bcrypt(_) | Form::Pbkdf2(_) | Form::Scrypt(_)
        ) {
            assert!(digest.is_weaker_than(NativeScheme::Argon2id), "{text}");
            assert!(digest.is_weaker_than(NativeScheme::Bcrypt), "{text}");
        }
    }
    for scheme in [NativeScheme::Argon2id, NativeScheme::Bcrypt] {
        assert!(!crate::decoy(scheme).is_weaker_than(scheme));
    }
}

#[test]
fn reasons_speak_of_the_format_and_not_of_the_digest() {
    let reason = |hasher, text| Digest::parse(hasher, text).unwrap_err().reason().to_owned();
    assert_eq!(
        reason(Hasher::Bcrypt, "$2b$31$abcdefghijklmnopqrstuuLSFgy6NNouncfY7wjAHgjaJjjcjDOn2"),
        "the cost must be a number from 4 to 15"
    );
    assert_eq!(
        reason(Hasher::Sha256, "1d6afe0dc67918e27c5178fa29d4a08c"),
        "the SHA-256 digest must have 32 bytes"
    );
    assert_eq!(
        reason(Hasher::Argon2id, "$argon2i$m=64,t=3,p=8$c2VjcmV0c2FsdA$c2VjcmV0"),
        "the digest must begin with $argon2id$"
    );
}

proptest! {
    #[test]
    fn no_text_makes_a_parser_panic(text in "\\PC{0,80}") {
        for &hasher in Hasher::ALL {
            let _ = Digest::parse(hasher, &text);
        }
    }

    #[test]
    fn no_damage_to_a_digest_makes_a_parser_panic(
        vector in 0..VECTORS.len(),
        at in any::<prop::sample::Index>(),
        with in "[\\PC$]{0,4}",
    ) {
        let (hasher, text) = VECTORS[vector];
        let mut text = text.to_owned();
        text.replace_range(at.index(text.len())..=at.index(text.len()), &with);
        let _ = Digest::parse(hasher, &text);
    }

    #[test]
    fn reasons_never_repeat_the_digest(secret in "[a-z0-9]{12,40}") {
        for &hasher in Hasher::ALL {
            for text in [
                secret.clone(),
                format!("$2b$10${secret}"),
                format!("$argon2id$v=19$m={secret},t=1,p=1$AAAAAAAAAAA$AAAA"),
                format!("pbkdf2_sha256${secret}$salt$AAAA"),
                format!("$P${secret}"),
                format!("{{SSHA}}{secret}"),
                format!("scrypt:{secret}$salt$AAAA"),
            ] {
                if let Err(why) = Digest::parse(hasher, &text) {
                    prop_assert!(!why.reason().contains(&secret));
                }
            }
        }
    }
}
