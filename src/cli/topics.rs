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
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    consumer::BaseConsumer,
    types::RDKafkaErrorCode as Code,
};

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
        /// Partitions of the input and output topics.
        #[arg(long, default_value_t = 6)]
        partitions: i32,
        /// Copies of each partition; -1 is the brokers' default.
        #[arg(long, default_value_t = -1, allow_negative_numbers = true)]
        replication: i32,
    },
    /// Say which are there.
    Check,
}

const TIMEOUT: Duration = Duration::from_secs(15);

/// Makes or checks the topics.
pub fn main(args: &Args, config: Option<&Path>) -> u8 {
    let settings = match load_settings(config) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    match args.action {
        Action::Create {
            partitions,
            replication,
        } => create(&settings, partitions, replication),
        Action::Check => check(&settings),
    }
}

fn create(settings: &Settings, partitions: i32, replication: i32) -> u8 {
    let topics = &settings.topics;
    let replication = || TopicReplication::Fixed(replication);
    let wanted = [
        NewTopic::new(&topics.input, partitions, replication()),
        NewTopic::new(&topics.output, partitions, replication()),
        NewTopic::new(&topics.dead_letters, 1, replication()).set("retention.ms", "1209600000"),
    ];
    let admin: AdminClient<Quiet> = match clients::admin_config(settings).create_with_context(Quiet) {
        Ok(admin) => admin,
        Err(error) => return report(&error, 2),
    };
    let options = AdminOptions::new()
        .request_timeout(Some(TIMEOUT))
        .operation_timeout(Some(TIMEOUT));
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(&error, 2),
    };
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

fn check(settings: &Settings) -> u8 {
    let made = clients::admin_config(settings).create_with_context::<_, BaseConsumer<Quiet>>(Quiet);
    let client = match made {
        Ok(client) => client,
        Err(error) => return report(&error, 2),
    };
    let topics = &settings.topics;
    let mut worst = 0;
    for topic in [&topics.input, &topics.output, &topics.dead_letters] {
        let (words, code) = match topic_state(&client, topic, TIMEOUT) {
            TopicState::There(partitions) => (format!("{partitions} partitions"), 0),
            TopicState::Missing => ("missing; make it with `rapporteur topics create`".to_owned(), 4),
            TopicState::Forbidden(code) => (format!("not permitted to describe it: {code}"), 5),
            TopicState::Unknown(reason) => (format!("no answer: {reason}"), 6),
        };
        println!("{topic}: {words}");
        worst = worst.max(code);
    }
    worst
}
