//! `rapporteur topics`: make the topics that the settings name, or look at them.

use std::{path::Path, time::Duration};

use rapporteur::{
    settings::Settings,
    stream::{
        clients::{self, Quiet},
        startup::{TopicState, topic_state},
    },
};
use rdkafka::{
    admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication},
    consumer::BaseConsumer,
    types::RDKafkaErrorCode as Code,
};
use tokio::runtime::Runtime;

use super::{load_settings, report};

/// Make or check the topics.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make those that are missing; leave those that are there as they are.
    Create {
        /// Partitions of all topics but the dead letters', which has one.
        #[arg(long, default_value_t = 6)]
        partitions: i32,
        /// Copies of each partition; -1 is the brokers' default.
        #[arg(long, default_value_t = -1, allow_negative_numbers = true)]
        replication: i32,
        /// Days that articles are kept; -1 is for ever.
        #[arg(long, value_name = "DAYS", default_value_t = 7, allow_negative_numbers = true)]
        keep_articles: i64,
        /// Days that contacts are kept; -1 is for ever.
        #[arg(
            long,
            value_name = "DAYS",
            default_value_t = 30,
            allow_negative_numbers = true
        )]
        keep_contacts: i64,
        /// Days that dead letters are kept; -1 is for ever.
        #[arg(
            long,
            value_name = "DAYS",
            default_value_t = 14,
            allow_negative_numbers = true
        )]
        keep_dead_letters: i64,
    },
    /// Say which are there, and whether they keep what they must.
    Check,
}

const TIMEOUT: Duration = Duration::from_secs(15);
const DAY_MS: i64 = 86_400_000;

/// Makes or checks the topics.
pub fn main(args: &Args, config: Option<&Path>) -> u8 {
    let settings = match load_settings(config) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(&error, 2),
    };
    let admin: AdminClient<Quiet> = match clients::admin_config(&settings).create_with_context(Quiet) {
        Ok(admin) => admin,
        Err(error) => return report(&error, 2),
    };
    match &args.action {
        Action::Create {
            partitions,
            replication,
            keep_articles,
            keep_contacts,
            keep_dead_letters,
        } => {
            let kept = [
                ("topics.input", keep_articles),
                ("topics.output", keep_contacts),
                ("topics.dead_letters", keep_dead_letters),
            ];
            let days = |setting| {
                kept.iter()
                    .find(|(key, _)| *key == setting)
                    .map(|(_, days)| **days)
            };
            let plans: Vec<Plan<'_>> = settings
                .topics
                .all()
                .into_iter()
                .map(|(setting, topic)| Plan::new(setting, topic, *partitions, days(setting)))
                .collect();
            create(&runtime, &admin, &plans, *replication)
        }
        Action::Check => check(&runtime, &admin, &settings),
    }
}

/// A topic as it is to be.
struct Plan<'a> {
    topic: &'a str,
    partitions: i32,
    properties: Vec<(&'static str, String)>,
}

impl<'a> Plan<'a> {
    /// `days` is how long records are kept; the topic without is the compacted one.
    fn new(setting: &'static str, topic: &'a str, partitions: i32, days: Option<i64>) -> Self {
        let properties = match days {
            Some(days) => vec![
                ("cleanup.policy", "delete".to_owned()),
                (
                    "retention.ms",
                    days.checked_mul(DAY_MS)
                        .filter(|ms| *ms >= 0)
                        .unwrap_or(-1)
                        .to_string(),
                ),
            ],
            None => vec![
                ("cleanup.policy", "compact".to_owned()),
                // What a contact's last event replaces is gone after a day or two, however little is written.
                ("segment.ms", DAY_MS.to_string()),
                ("max.compaction.lag.ms", DAY_MS.to_string()),
            ],
        };
        Self {
            topic,
            partitions: if setting == "topics.dead_letters" {
                1
            } else {
                partitions
            },
            properties,
        }
    }
}

fn create(runtime: &Runtime, admin: &AdminClient<Quiet>, plans: &[Plan<'_>], replication: i32) -> u8 {
    let wanted: Vec<NewTopic<'_>> = plans
        .iter()
        .map(|plan| {
            let topic = NewTopic::new(plan.topic, plan.partitions, TopicReplication::Fixed(replication));
            plan.properties
                .iter()
                .fold(topic, |topic, (name, value)| topic.set(name, value))
        })
        .collect();
    let options = AdminOptions::new()
        .request_timeout(Some(TIMEOUT))
        .operation_timeout(Some(TIMEOUT));
    match runtime.block_on(admin.create_topics(&wanted, &options)) {
        Err(error) => report(&error, 6),
        Ok(results) => results.into_iter().map(told).max().unwrap_or(0),
    }
}

fn told(result: Result<String, (String, Code)>) -> u8 {
    match result {
        Ok(topic) => {
            println!("{topic}: made");
            0
        }
        Err((topic, Code::TopicAlreadyExists)) => {
            println!("{topic}: was there");
            0
        }
        Err((topic, code @ (Code::TopicAuthorizationFailed | Code::ClusterAuthorizationFailed))) => {
            println!("{topic}: FAILED: not permitted to create it: {code}");
            5
        }
        Err((topic, code)) => {
            println!("{topic}: FAILED: {code}");
            6
        }
    }
}

fn check(runtime: &Runtime, admin: &AdminClient<Quiet>, settings: &Settings) -> u8 {
    let made = clients::admin_config(settings).create_with_context::<_, BaseConsumer<Quiet>>(Quiet);
    let client = match made {
        Ok(client) => client,
        Err(error) => return report(&error, 2),
    };
    let mut worst = 0;
    for (setting, topic) in settings.topics.all() {
        let (words, code) = match topic_state(&client, topic, TIMEOUT) {
            TopicState::There(partitions) => {
                let (words, code) = kept(setting, properties(runtime, admin, topic));
                (format!("{partitions} partitions, {words}"), code)
            }
            TopicState::Missing => ("missing; make it with `rapporteur topics create`".to_owned(), 4),
            TopicState::Forbidden(code) => (format!("not permitted to describe it: {code}"), 5),
            TopicState::Unknown(reason) => (format!("no answer: {reason}"), 6),
        };
        println!("{topic}: {words}");
        worst = worst.max(code);
    }
    worst
}

/// `cleanup.policy` and `retention.ms` of a topic, or why they are not known.
fn properties(
    runtime: &Runtime,
    admin: &AdminClient<Quiet>,
    topic: &str,
) -> Result<(String, String), String> {
    let options = AdminOptions::new().request_timeout(Some(TIMEOUT));
    let described = runtime
        .block_on(admin.describe_configs([&ResourceSpecifier::Topic(topic)], &options))
        .map_err(|error| error.to_string())?;
    let resource = described
        .into_iter()
        .next()
        .ok_or("no answer")?
        .map_err(|code| code.to_string())?;
    let value = |name| {
        let entry = resource.get(name)?;
        entry.value.clone()
    };
    Ok((
        value("cleanup.policy").ok_or("no cleanup.policy")?,
        value("retention.ms").ok_or("no retention.ms")?,
    ))
}

/// Whether a topic keeps its records as its part asks for, in words and as exit code. What cannot be asked for
/// lack of permission is no mistake of the topic.
fn kept(setting: &str, properties: Result<(String, String), String>) -> (String, u8) {
    let (policy, retention) = match properties {
        Ok(properties) => properties,
        Err(reason) => return (format!("how long it keeps records is not known: {reason}"), 0),
    };
    let compacts = policy.split(',').any(|p| p == "compact");
    let words = match retention.parse::<i64>() {
        _ if policy == "compact" => "compacted".to_owned(),
        Ok(ms) if ms >= DAY_MS => format!("kept {} days", ms / DAY_MS),
        Ok(ms) if ms >= 0 => format!("kept {} minutes", ms / 60_000),
        _ => "kept for ever".to_owned(),
    };
    match (setting, compacts) {
        ("topics.latest", false) => (
            format!(
                "{words}; WRONG: cleanup.policy={policy}, it must be compact to keep the last event of each contact"
            ),
            4,
        ),
        ("topics.latest", true) | (_, false) => (words, 0),
        (_, true) => (
            format!("{words}; WRONG: cleanup.policy={policy}, compaction removes records that others need"),
            4,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(setting: &str, policy: &str, retention: &str) -> (String, u8) {
        kept(setting, Ok((policy.into(), retention.into())))
    }

    #[test]
    fn a_topic_that_would_lose_records_is_told() {
        assert_eq!(
            asked("topics.output", "delete", "604800000"),
            ("kept 7 days".into(), 0)
        );
        assert_eq!(
            asked("topics.output", "delete", "-1"),
            ("kept for ever".into(), 0)
        );
        assert_eq!(
            asked("topics.latest", "compact", "604800000"),
            ("compacted".into(), 0)
        );
        assert_eq!(asked("topics.latest", "delete", "604800000").1, 4);
        assert_eq!(asked("topics.output", "compact", "604800000").1, 4);
        assert_eq!(asked("topics.input", "compact,delete", "604800000").1, 4);
        assert_eq!(kept("topics.output", Err("refused".into())).1, 0);
    }

    #[test]
    fn each_topic_is_made_for_its_part() {
        let plan = Plan::new("topics.output", "contacts", 12, Some(30));
        assert_eq!(plan.partitions, 12);
        assert_eq!(plan.properties[1], ("retention.ms", "2592000000".to_owned()));
        let plan = Plan::new("topics.dead_letters", "dead", 12, Some(-1));
        assert_eq!(plan.partitions, 1);
        assert_eq!(plan.properties[1], ("retention.ms", "-1".to_owned()));
        let plan = Plan::new("topics.latest", "latest", 12, None);
        assert_eq!(plan.partitions, 12);
        assert_eq!(plan.properties[0], ("cleanup.policy", "compact".to_owned()));
    }
}
