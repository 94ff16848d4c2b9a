//! Ids of the events' schema, from a registry that speaks Confluent's interface.
//!
//! A reader that finds a schema's id before each value can fetch the schema by it, and the registry sees to it
//! that a new schema can read what an old one wrote. The schema goes there as it is in this repository, comments
//! and all; the registry answers with its id, the same for the same schema whoever asks.
//!
//! Ids are asked for once, at the start, and kept: writing does not depend on the registry. One that does not
//! answer is waited for as the brokers are; one that refuses (a schema that is not compatible, or is not there and
//! must not be registered, or a wrong password) ends the service with what it said.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::Deserialize;
use serde_json::json;

use super::{
    error::StreamError,
    wire::{EVENT_TYPE, Route},
};
use crate::{
    ops::tls,
    settings::{SchemaRegistry, Settings, SubjectStrategy},
};

/// The schema, as it is published.
pub const SCHEMA: &str = include_str!("../../proto/rapporteur/v1/contact.proto");
const MEDIA_TYPE: &str = "application/vnd.schemaregistry.v1+json";
/// How often it is said that the registry does not answer.
const SAY: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Why there is no id.
#[derive(Debug)]
enum Failure {
    /// It may answer another time.
    Away(String),
    /// It has answered, and will not answer otherwise.
    Refused { status: u16, words: String },
}

#[derive(Deserialize)]
struct Answer {
    id: u32,
}

#[derive(Deserialize)]
struct Complaint {
    #[serde(default)]
    message: String,
}

/// The topics that events go to, each with the id of the schema where a registry is set. `None` where the end
/// came first.
///
/// # Errors
/// Where the registry refuses.
pub fn routes(
    settings: &Settings,
    stop: &dyn Fn(Duration) -> bool,
) -> Result<Option<Vec<Route>>, StreamError> {
    let topics = [&settings.topics.output, &settings.topics.latest]
        .into_iter()
        .filter(|topic| !topic.is_empty());
    let client = Client::of(settings)?;
    let mut ids = BTreeMap::new();
    let mut routes = Vec::new();
    for topic in topics {
        let schema_id = match &client {
            None => None,
            Some(client) => {
                let subject = subject(settings.schema_registry.subject, topic);
                let known = ids.get(&subject).copied();
                let Some(id) = known.map_or_else(|| client.wait(&subject, stop), |id| Ok(Some(id)))? else {
                    return Ok(None);
                };
                ids.insert(subject, id);
                Some(id)
            }
        };
        routes.push(Route {
            topic: topic.clone(),
            schema_id,
        });
    }
    Ok(Some(routes))
}

/// What the registry would answer at a start: by subject the schema's id, or none where it is yet to be
/// registered. Registers nothing.
///
/// # Errors
/// Where it refuses or does not answer.
pub fn look_up(settings: &Settings) -> Result<BTreeMap<String, Option<u32>>, StreamError> {
    let Some(client) = Client::of(settings)? else {
        return Ok(BTreeMap::new());
    };
    let mut found = BTreeMap::new();
    for topic in [&settings.topics.output, &settings.topics.latest] {
        if topic.is_empty() {
            continue;
        }
        let subject = subject(settings.schema_registry.subject, topic);
        let id = match client.ask(&subject, false) {
            Ok(id) => Some(id),
            Err(Failure::Refused { status: 404, .. }) if client.settings.register => None,
            Err(failure) => return Err(client.ended(&subject, failure)),
        };
        found.insert(subject, id);
    }
    Ok(found)
}

fn subject(strategy: SubjectStrategy, topic: &str) -> String {
    match strategy {
        SubjectStrategy::TopicName => format!("{topic}-value"),
        SubjectStrategy::RecordName => EVENT_TYPE.to_owned(),
        SubjectStrategy::TopicRecordName => format!("{topic}-{EVENT_TYPE}"),
    }
}

struct Client<'a> {
    settings: &'a SchemaRegistry,
    agent: ureq::Agent,
}

impl<'a> Client<'a> {
    fn of(settings: &'a Settings) -> Result<Option<Self>, StreamError> {
        let settings = &settings.schema_registry;
        if settings.url.is_empty() {
            return Ok(None);
        }
        let tls = tls::trusting(&settings.ca_file).map_err(|reason| StreamError::Client {
            client: "client of the schema registry",
            reason,
        })?;
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_millis(settings.timeout_ms)))
            .http_status_as_error(false)
            .tls_config(tls)
            .build()
            .into();
        Ok(Some(Self { settings, agent }))
    }

    /// The id, waited for while the registry does not answer.
    fn wait(&self, subject: &str, stop: &dyn Fn(Duration) -> bool) -> Result<Option<u32>, StreamError> {
        let mut pause = FIRST_PAUSE;
        let mut said: Option<Instant> = None;
        loop {
            match self.ask(subject, self.settings.register) {
                Ok(id) => {
                    tracing::info!(subject, id, "schema");
                    return Ok(Some(id));
                }
                Err(Failure::Away(reason)) => {
                    if said.is_none_or(|at| at.elapsed() >= SAY) {
                        tracing::warn!(
                            url = self.settings.url,
                            reason,
                            "the schema registry does not answer; trying on"
                        );
                        said = Some(Instant::now());
                    }
                }
                Err(refused) => return Err(self.ended(subject, refused)),
            }
            if stop(pause) {
                return Ok(None);
            }
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    /// One question: registers the schema, or looks it up.
    fn ask(&self, subject: &str, register: bool) -> Result<u32, Failure> {
        let base = self.settings.url.trim_end_matches('/');
        let url = match register {
            true => format!("{base}/subjects/{subject}/versions"),
            false => format!("{base}/subjects/{subject}"),
        };
        let mut request = self
            .agent
            .post(&url)
            .header("content-type", MEDIA_TYPE)
            .header("accept", format!("{MEDIA_TYPE}, application/json"));
        if !self.settings.username.is_empty() {
            request = request.header("authorization", self.basic());
        }
        let body = json!({"schemaType": "PROTOBUF", "schema": SCHEMA}).to_string();
        let away = |error: ureq::Error| Failure::Away(error.to_string());
        let mut response = request.send(body).map_err(away)?;
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string().map_err(away)?;
        match status {
            200..=299 => serde_json::from_str::<Answer>(&text)
                .map(|answer| answer.id)
                .map_err(|error| Failure::Refused {
                    status,
                    words: format!("its answer is not that of a schema registry: {error}"),
                }),
            408 | 429 | 500.. => Err(Failure::Away(format!("{status} {}", words(&text)))),
            _ => Err(Failure::Refused {
                status,
                words: words(&text),
            }),
        }
    }

    fn basic(&self) -> String {
        let pair = format!("{}:{}", self.settings.username, self.settings.password.reveal());
        format!("Basic {}", BASE64_STANDARD.encode(pair))
    }

    fn ended(&self, subject: &str, failure: Failure) -> StreamError {
        let url = &self.settings.url;
        let reason = match failure {
            Failure::Away(reason) => format!("{url} does not answer: {reason}"),
            Failure::Refused { status, words } => {
                let remedy = match status {
                    401 | 403 => "; set schema_registry.username and schema_registry.password",
                    404 if !self.settings.register => {
                        "; register the schema there first, or set schema_registry.register = true"
                    }
                    404 => "; is that the path of the registry's interface?",
                    409 => {
                        "; the schema of this version is not compatible with what is registered: write to another topic"
                    }
                    _ => "",
                };
                format!("{url} answers {status} {words}{remedy}")
            }
        };
        StreamError::Registry {
            subject: subject.to_owned(),
            reason,
        }
    }
}

/// The words of a refusal, on one line and not too many.
fn words(body: &str) -> String {
    let message = serde_json::from_str::<Complaint>(body).map_or_else(|_| body.to_owned(), |c| c.message);
    message
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(300)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead as _, BufReader, Read as _, Write as _},
        net::TcpListener,
        sync::mpsc,
        thread,
    };

    use super::*;

    /// What was asked: path, authorization, body.
    type Asked = (String, Option<String>, String);

    /// A registry that gives the answers told, one a connection.
    fn registry(answers: Vec<(u16, &'static str)>) -> (String, mpsc::Receiver<Asked>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/api", listener.local_addr().unwrap());
        let (send, asked) = mpsc::channel();
        thread::spawn(move || {
            for (status, body) in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let path = line.split(' ').nth(1).unwrap().to_owned();
                let (mut length, mut authorization) = (0, None);
                loop {
                    line.clear();
                    reader.read_line(&mut line).unwrap();
                    match line.trim().split_once(": ") {
                        Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                            length = value.parse().unwrap();
                        }
                        Some((name, value)) if name.eq_ignore_ascii_case("authorization") => {
                            authorization = Some(value.to_owned());
                        }
                        Some(_) => {}
                        None => break,
                    }
                }
                let mut bytes = vec![0; length];
                reader.read_exact(&mut bytes).unwrap();
                send.send((path, authorization, String::from_utf8(bytes).unwrap()))
                    .unwrap();
                write!(
                    stream,
                    "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                )
                .unwrap();
            }
        });
        (url, asked)
    }

    fn settings(url: String) -> Settings {
        let mut settings = Settings::default();
        settings.schema_registry.url = url;
        settings
    }

    fn never(_: Duration) -> bool {
        false
    }

    #[test]
    fn without_a_registry_events_go_as_they_are() {
        let mut settings = Settings::default();
        settings.topics.latest = "contacts.latest".into();
        let routes = routes(&settings, &never).unwrap().unwrap();
        let told: Vec<_> = routes.iter().map(|r| (r.topic.as_str(), r.schema_id)).collect();
        assert_eq!(told, [("contacts", None), ("contacts.latest", None)]);
    }

    #[test]
    fn the_schema_is_registered_under_the_subject_of_each_topic() {
        let (url, asked) = registry(vec![(200, r#"{"id":7}"#), (200, r#"{"id":8}"#)]);
        let mut settings = settings(url);
        settings.topics.latest = "contacts.latest".into();
        settings.schema_registry.username = "alice".into();
        settings.schema_registry.password = "hunter2".into();
        let routes = routes(&settings, &never).unwrap().unwrap();
        let ids: Vec<_> = routes.iter().map(|r| r.schema_id).collect();
        assert_eq!(ids, [Some(7), Some(8)]);
        let (path, authorization, body) = asked.recv().unwrap();
        assert_eq!(path, "/api/subjects/contacts-value/versions");
        assert_eq!(authorization.as_deref(), Some("Basic YWxpY2U6aHVudGVyMg=="));
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body, json!({"schemaType": "PROTOBUF", "schema": SCHEMA}));
        assert_eq!(
            asked.recv().unwrap().0,
            "/api/subjects/contacts.latest-value/versions"
        );
    }

    #[test]
    fn a_subject_that_two_topics_share_is_asked_for_once() {
        let (url, asked) = registry(vec![(200, r#"{"id":7,"version":1}"#)]);
        let mut settings = settings(url);
        settings.topics.latest = "contacts.latest".into();
        settings.schema_registry.subject = SubjectStrategy::RecordName;
        settings.schema_registry.register = false;
        let routes = routes(&settings, &never).unwrap().unwrap();
        assert!(routes.iter().all(|r| r.schema_id == Some(7)));
        assert_eq!(
            asked.recv().unwrap().0,
            "/api/subjects/rapporteur.v1.ContactEvent"
        );
        assert_eq!(
            subject(SubjectStrategy::TopicRecordName, "contacts"),
            "contacts-rapporteur.v1.ContactEvent"
        );
    }

    #[test]
    fn a_registry_that_is_away_is_asked_again_until_the_end() {
        let (url, asked) = registry(vec![
            (503, "starting"),
            (500, r#"{"error_code":50003,"message":"forwarding"}"#),
            (429, ""),
            (200, r#"{"id":7}"#),
        ]);
        let settings = settings(url);
        let pauses = std::cell::RefCell::new(Vec::new());
        let stop = |pause| {
            pauses.borrow_mut().push(pause);
            false
        };
        let found = routes(&settings, &stop).unwrap().unwrap();
        assert_eq!(found[0].schema_id, Some(7));
        assert_eq!(asked.iter().count(), 4);
        assert_eq!(*pauses.borrow(), [FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4]);
        // Nobody listens there any more.
        assert_eq!(routes(&settings, &|_| true).unwrap(), None);
    }

    #[test]
    fn a_refusal_ends_it_with_the_registrys_words_and_a_remedy() {
        for (register, status, body, words) in [
            (
                true,
                409,
                r#"{"error_code":409,"message":"not\nbackward"}"#,
                "not backward; the schema of this version",
            ),
            (true, 401, "", "schema_registry.password"),
            (
                false,
                404,
                r#"{"error_code":40401,"message":"no subject"}"#,
                "schema_registry.register = true",
            ),
            (true, 200, "<html>", "not that of a schema registry"),
        ] {
            let (url, _asked) = registry(vec![(status, body)]);
            let mut settings = settings(url);
            settings.schema_registry.register = register;
            let error = routes(&settings, &never).unwrap_err();
            assert_eq!(error.exit_code(), 8);
            let error = error.to_string();
            assert!(
                error.contains(words) && error.contains("contacts-value"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_look_at_it_registers_nothing() {
        let (url, asked) = registry(vec![(404, r#"{"error_code":40401,"message":"no subject"}"#)]);
        let found = look_up(&settings(url)).unwrap();
        assert_eq!(found, BTreeMap::from([("contacts-value".to_owned(), None)]));
        assert_eq!(asked.recv().unwrap().0, "/api/subjects/contacts-value");
    }
}
