//! Encrypted, known to each other, and allowed no more than needed: against a broker that insists on all of it.
//!
//! One broker with an authorizer, where nobody may do anything that no rule allows: a port with mutual TLS, a
//! port with SASL over TLS (SCRAM, and bearer tokens checked for their claims only), and a plain port for the
//! tests themselves, whose user may do everything.

mod support;

use std::{
    env, fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::PathBuf,
    sync::OnceLock,
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use rapporteur::settings::Settings;
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use support::{
    eventually,
    kafka::{Cluster, Layout, free_port},
    process::{Rapporteur, output_with},
    say,
    topics::{Input, fresh, produce, read_all, wait_caught_up},
};

const PASSWORD: &str = "correct-horse-battery-staple";
const USERS: [&str; 12] = [
    "all",
    "no-input",
    "no-output",
    "no-dead-letters",
    "no-group",
    "no-transactions",
    "nothing",
    "replay",
    "replay-no-dead-letters",
    "replay-no-input",
    "replay-no-groups",
    "replay-no-transactions",
];

struct Fortress {
    admin: String,
    mutual: String,
    sasl: String,
    dir: tempfile::TempDir,
    _cluster: Cluster,
}

impl Fortress {
    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

/// The broker of all tests here; `None` where there can be none.
fn fortress() -> Option<&'static Fortress> {
    static FORTRESS: OnceLock<Result<Fortress, String>> = OnceLock::new();
    match FORTRESS.get_or_init(build) {
        Ok(fortress) => Some(fortress),
        Err(reason) => {
            let required = env::var("RAPPORTEUR_REQUIRE_BROKER").is_ok_and(|v| v == "1");
            assert!(
                !required,
                "RAPPORTEUR_REQUIRE_BROKER=1, but there is no real broker: {reason}"
            );
            say(&format!("security: NOT TESTED, it needs a real broker: {reason}"));
            None
        }
    }
}

fn build() -> Result<Fortress, String> {
    let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
    let write = |name: &str, text: String| fs::write(dir.path().join(name), text).unwrap();
    let authority = |name: &str| {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.self_signed(&key).unwrap();
        (certificate.pem(), Issuer::new(params, key))
    };
    let (ca, issuer) = authority("test authority");
    let (other_ca, _) = authority("another authority");
    write("ca.pem", ca);
    write("other-ca.pem", other_ca);
    for (name, usage) in [
        ("broker", ExtendedKeyUsagePurpose::ServerAuth),
        ("service", ExtendedKeyUsagePurpose::ClientAuth),
    ] {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages.push(usage);
        let certificate = params.signed_by(&key, &issuer).unwrap();
        write(&format!("{name}.pem"), certificate.pem());
        write(&format!("{name}.key"), key.serialize_pem());
        write(
            &format!("{name}-both.pem"),
            key.serialize_pem() + &certificate.pem(),
        );
    }

    let (admin, mutual, sasl) = (free_port(), free_port(), free_port());
    let path = |name: &str| dir.path().join(name).display().to_string();
    let mut extra = vec![
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer".to_owned(),
        "super.users=User:ANONYMOUS".to_owned(),
        "ssl.keystore.type=PEM".to_owned(),
        format!("ssl.keystore.location={}", path("broker-both.pem")),
        "ssl.truststore.type=PEM".to_owned(),
        format!("ssl.truststore.location={}", path("ca.pem")),
        "listener.name.mutual.ssl.client.auth=required".to_owned(),
        "listener.name.sasl.sasl.enabled.mechanisms=SCRAM-SHA-512,OAUTHBEARER".to_owned(),
    ];
    for (mechanism, module) in [
        ("scram-sha-512", "scram.ScramLoginModule required;"),
        (
            "oauthbearer",
            "oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"broker\";",
        ),
    ] {
        extra.push(format!(
            "listener.name.sasl.{mechanism}.sasl.jaas.config=org.apache.kafka.common.security.{module}"
        ));
    }
    let scram = |user: &str| format!("SCRAM-SHA-512=[name={user},password={PASSWORD}]");
    let cluster = Cluster::start_as(&Layout {
        ports: vec![Some(admin)],
        listeners: vec![("MUTUAL", "SSL", mutual), ("SASL", "SASL_SSL", sasl)],
        extra,
        format: USERS
            .iter()
            .flat_map(|user| ["--add-scram".to_owned(), scram(user)])
            .collect(),
        ..Layout::default()
    })?;
    let at = |port: u16| format!("127.0.0.1:{port}");
    Ok(Fortress {
        admin: at(admin),
        mutual: at(mutual),
        sasl: at(sasl),
        dir,
        _cluster: cluster,
    })
}

/// What a rule is about, by the numbers of Kafka's protocol.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Topic = 2,
    Group = 3,
    TransactionalId = 5,
}

const READ: i8 = 3;
const WRITE: i8 = 4;

/// A rule that lets somebody do something.
#[derive(Clone)]
struct Rule {
    kind: Kind,
    name: String,
    prefix: bool,
    operation: i8,
}

/// The rules that the service needs, all of them, as `deploy/README.md` lists them.
fn rules(settings: &Settings) -> [Rule; 5] {
    let rule = |kind, name: &str, prefix, operation| Rule {
        kind,
        name: name.to_owned(),
        prefix,
        operation,
    };
    [
        rule(Kind::Topic, &settings.topics.input, false, READ),
        rule(Kind::Topic, &settings.topics.output, false, WRITE),
        rule(Kind::Topic, &settings.topics.dead_letters, false, WRITE),
        rule(Kind::Group, &settings.kafka.group, false, READ),
        rule(Kind::TransactionalId, &settings.kafka.group, true, WRITE),
    ]
}

/// Lets a user do these things. librdkafka's Rust interface has no call for it, so the request is put together
/// here: CreateAcls, version 1.
fn allow(fortress: &Fortress, principal: &str, rules: &[Rule]) {
    let mut request: Vec<u8> = Vec::new();
    let text = |out: &mut Vec<u8>, text: &str| {
        out.extend(i16::try_from(text.len()).unwrap().to_be_bytes());
        out.extend(text.as_bytes());
    };
    request.extend(30_i16.to_be_bytes());
    request.extend(1_i16.to_be_bytes());
    request.extend(1_i32.to_be_bytes());
    text(&mut request, "tests");
    request.extend(i32::try_from(rules.len()).unwrap().to_be_bytes());
    for rule in rules {
        request.push(rule.kind as u8);
        text(&mut request, &rule.name);
        // Literal or prefixed.
        request.push(if rule.prefix { 4 } else { 3 });
        text(&mut request, principal);
        text(&mut request, "*");
        request.extend(rule.operation.to_be_bytes());
        // Allow.
        request.push(3);
    }
    let mut stream = TcpStream::connect(&fortress.admin).unwrap();
    stream
        .write_all(&i32::try_from(request.len()).unwrap().to_be_bytes())
        .unwrap();
    stream.write_all(&request).unwrap();
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut answer = vec![0; usize::try_from(i32::from_be_bytes(length)).unwrap()];
    stream.read_exact(&mut answer).unwrap();
    // Correlation id, throttle time, count; then an error code and a message each.
    let mut rest = &answer[12..];
    for _ in rules {
        let number = |at: &[u8]| i16::from_be_bytes([at[0], at[1]]);
        let message = usize::try_from(number(&rest[2..]).max(0)).unwrap();
        assert_eq!(
            number(rest),
            0,
            "{}",
            String::from_utf8_lossy(&rest[4..4 + message])
        );
        rest = &rest[4 + message..];
    }
}

/// Settings for a stream of its own, made by way of the plain port, to be run through another.
fn settings(fortress: &Fortress, name: &str, port: &str) -> Settings {
    let mut settings = fresh(&fortress.admin, name, 1);
    port.clone_into(&mut settings.kafka.brokers);
    settings.kafka.topic_grace_ms = 2_000;
    let ca = fortress.file("ca.pem").display().to_string();
    settings.kafka.properties.set("ssl.ca.location", ca);
    settings
}

/// The same settings as seen from the plain port.
fn from_inside(fortress: &Fortress, settings: &Settings) -> Settings {
    let mut inside = settings.clone();
    inside.kafka.brokers.clone_from(&fortress.admin);
    inside.kafka.properties = Settings::default().kafka.properties;
    inside
}

/// Runs it over a few articles, asks it everything, and gives all that it said.
fn works(fortress: &Fortress, settings: &Settings, environment: &[(&str, &str)]) -> String {
    let body =
        "Le président français Emmanuel Macron a reçu mardi à Paris le chancelier allemand Olaf Scholz.";
    let article = serde_json::json!({"id": "a", "body": body, "published_at": "2023-05-25"}).to_string();
    let inputs = [Input::value(article), Input::value("no article")];
    produce(&fortress.admin, &settings.topics.input, inputs);
    let service = Rapporteur::run_with(settings, environment);
    let inside = from_inside(fortress, settings);
    wait_caught_up(&inside);
    assert_eq!(read_all(&fortress.admin, &settings.topics.output).len(), 1);
    assert_eq!(read_all(&fortress.admin, &settings.topics.dead_letters).len(), 1);
    let metrics = service.get("/metrics").1;
    let (code, checked) = output_with(settings, &["check", "--print", "--connect"], environment);
    assert_eq!(code, 0, "{checked}");
    let log = service.stop().join("\n");
    [metrics, checked, log].join("\n")
}

#[test]
fn mutual_tls_works_and_neither_side_takes_the_other_unproven() {
    let Some(fortress) = fortress() else { return };
    let mut with = settings(fortress, "mutual", &fortress.mutual);
    with.kafka.properties.set("security.protocol", "ssl");
    allow(fortress, "User:CN=service", &rules(&with));
    let stranger = with.clone();
    let pem = |name: &str| fortress.file(name).display().to_string();
    with.kafka
        .properties
        .set("ssl.certificate.location", pem("service.pem"));
    // The key by way of the environment, as secrets come.
    let key = fs::read_to_string(fortress.file("service.key")).unwrap();
    let environment = [("RAPPORTEUR__KAFKA__PROPERTIES__SSL_KEY_PEM", key.as_str())];
    let said = works(fortress, &with, &environment);
    let inside: String = key.lines().nth(1).unwrap().to_owned();
    assert!(!said.contains(&inside), "the key stands in what it said");

    let mut deceived = with.clone();
    deceived
        .kafka
        .properties
        .set("ssl.ca.location", pem("other-ca.pem"));
    let service = Rapporteur::run_with(&deceived, &environment);
    service.wait_for_log(&["certificate verify failed"]);
    assert_eq!(service.get("/readyz").0, 503);
    service.stop();
    let service = Rapporteur::run(&stranger);
    service.wait_for_log(&["no broker answers"]);
    assert_eq!(service.get("/readyz").0, 503);
    service.stop();
}

#[test]
fn scram_and_bearer_tokens_log_in_and_a_wrong_password_ends_it_with_its_code() {
    let Some(fortress) = fortress() else { return };
    let mut scram = settings(fortress, "scram", &fortress.sasl);
    scram.kafka.properties.set("security.protocol", "sasl_ssl");
    scram.kafka.properties.set("sasl.mechanism", "SCRAM-SHA-512");
    scram.kafka.properties.set("sasl.username", "all");
    allow(fortress, "User:all", &rules(&scram));
    let password = |word| [("RAPPORTEUR__KAFKA__PROPERTIES__SASL_PASSWORD", word)];
    let said = works(fortress, &scram, &password(PASSWORD));
    assert!(!said.contains(PASSWORD), "the password stands in what it said");

    let wrong = "not-the-password-at-all";
    let (status, log) = Rapporteur::run_with(&scram, &password(wrong)).wait();
    let log = log.join("\n");
    assert_eq!(status.code(), Some(5), "{log}");
    assert!(
        log.contains("not permitted: log in") && !log.contains(wrong),
        "{log}"
    );

    let mut bearer = settings(fortress, "bearer", &fortress.sasl);
    bearer.kafka.properties.set("security.protocol", "sasl_ssl");
    bearer.kafka.properties.set("sasl.mechanism", "OAUTHBEARER");
    bearer.kafka.token_file = fortress.file("token");
    allow(fortress, "User:bearer", &rules(&bearer));
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let claims = serde_json::json!({"sub": "bearer", "iat": now, "exp": now + 600}).to_string();
    let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let token = format!("{}.{}.", part(r#"{"alg":"none"}"#), part(&claims));
    fs::write(&bearer.kafka.token_file, format!("{token}\n")).unwrap();
    let said = works(fortress, &bearer, &[]);
    assert!(!said.contains(&token), "the token stands in what it said");
    bearer.kafka.token_file = fortress.file("no-such-token");
    let service = Rapporteur::run(&bearer);
    service.wait_for_log(&["kafka.token_file", "no-such-token"]);
    drop(service);
}

#[test]
fn with_exactly_these_rules_it_works_and_without_one_the_error_names_it() {
    let Some(fortress) = fortress() else { return };
    let mut base = settings(fortress, "rules", &fortress.sasl);
    base.kafka.properties.set("security.protocol", "sasl_ssl");
    base.kafka.properties.set("sasl.mechanism", "SCRAM-SHA-512");
    let environment = [("RAPPORTEUR__KAFKA__PROPERTIES__SASL_PASSWORD", PASSWORD)];
    let all = rules(&base);
    let names = [
        base.topics.input.clone(),
        base.topics.output.clone(),
        base.topics.dead_letters.clone(),
        base.kafka.group.clone(),
        format!("{}-", base.kafka.group),
    ];
    for (i, user) in USERS[1..6].iter().enumerate() {
        let but_one: Vec<Rule> = all
            .iter()
            .enumerate()
            .filter(|(j, _)| *j != i)
            .map(|(_, r)| r.clone())
            .collect();
        allow(fortress, &format!("User:{user}"), &but_one);
    }
    let running: Vec<(usize, Rapporteur)> = USERS[1..6]
        .iter()
        .enumerate()
        .map(|(i, user)| {
            let mut settings = base.clone();
            settings.kafka.properties.set("sasl.username", *user);
            (i, Rapporteur::run_with(&settings, &environment))
        })
        .collect();
    for (i, service) in running {
        let (status, log) = service.wait();
        let last = log
            .iter()
            .rev()
            .find(|line| line.contains("exit_code"))
            .cloned()
            .unwrap_or_default();
        say(&format!("security: without {}: {last}", USERS[i + 1]));
        assert_eq!(status.code(), Some(5), "{}:\n{}", USERS[i + 1], log.join("\n"));
        assert!(
            last.contains("not permitted") && last.contains(&names[i]),
            "{}: {last}",
            USERS[i + 1]
        );
    }
    let mut settings = base.clone();
    settings.kafka.properties.set("sasl.username", "nothing");
    allow(fortress, "User:nothing", &all);
    works(fortress, &settings, &environment);
    eventually("rules are told by `check` too", || {
        let mut settings = base.clone();
        settings.kafka.properties.set("sasl.username", "no-group");
        let (code, words) = output_with(&settings, &["check", "--connect"], &environment);
        if code == 5 && words.contains(&base.kafka.group) {
            Ok(())
        } else {
            Err(format!("{code}: {words}"))
        }
    });
}

#[test]
fn replay_needs_its_own_rules_and_no_more_and_names_the_one_that_is_not_there() {
    let Some(fortress) = fortress() else { return };
    let mut settings = settings(fortress, "replayed", &fortress.sasl);
    settings.kafka.properties.set("security.protocol", "sasl_ssl");
    settings.kafka.properties.set("sasl.mechanism", "SCRAM-SHA-512");
    let environment = [("RAPPORTEUR__KAFKA__PROPERTIES__SASL_PASSWORD", PASSWORD)];
    let inside = from_inside(fortress, &settings);
    produce(
        &fortress.admin,
        &settings.topics.input,
        [Input::value("no article")],
    );
    let service = Rapporteur::run(&inside);
    wait_caught_up(&inside);
    service.stop();
    assert_eq!(read_all(&fortress.admin, &settings.topics.dead_letters).len(), 1);

    let own = format!("{}.replay", settings.kafka.group);
    let rule = |kind, name: &str, prefix, operation| Rule {
        kind,
        name: name.to_owned(),
        prefix,
        operation,
    };
    let all = [
        rule(Kind::Topic, &settings.topics.dead_letters, false, READ),
        rule(Kind::Topic, &settings.topics.input, false, WRITE),
        rule(Kind::Group, &own, true, READ),
        rule(Kind::TransactionalId, &own, false, WRITE),
    ];
    let users = &USERS[7..];
    allow(fortress, &format!("User:{}", users[0]), &all);
    for (missing, user) in users[1..].iter().enumerate() {
        let mut but_one = all.to_vec();
        but_one.remove(missing);
        allow(fortress, &format!("User:{user}"), &but_one);
    }
    let replay_as = |user: &str| {
        let mut settings = settings.clone();
        settings.kafka.properties.set("sasl.username", user);
        output_with(&settings, &["replay"], &environment)
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = users[1..]
            .iter()
            .map(|user| scope.spawn(|| replay_as(user)))
            .collect();
        for (missing, ended) in running.into_iter().enumerate() {
            let (code, words) = ended.join().unwrap();
            let user = users[missing + 1];
            say(&format!("security: {user}: {words}"));
            assert_eq!(code, 5, "{user}: {words}");
            let named = format!("`{}`", all[missing].name);
            assert!(
                words.contains("not permitted") && words.contains(&named),
                "{user}: {words}"
            );
        }
    });
    let (code, words) = replay_as(users[0]);
    assert!(
        code == 0 && words.contains("1 dead letters put back"),
        "{code}: {words}"
    );
    assert_eq!(read_all(&fortress.admin, &settings.topics.input).len(), 2);
}
