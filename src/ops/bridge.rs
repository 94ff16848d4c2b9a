//! librdkafka's own statistics as metrics, with the client they are of as their label.
//!
//! Its totals begin anew with each client, and a producer may be replaced: counters go on by what each total
//! has grown.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};
use rdkafka::Statistics;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ClientLabel {
    client: &'static str,
}

type Counters = Family<ClientLabel, Counter>;
type Gauges = Family<ClientLabel, Gauge>;
type Fractions = Family<ClientLabel, Gauge<f64, std::sync::atomic::AtomicU64>>;

/// See the module's documentation.
#[derive(Debug, Default)]
pub struct Bridge {
    requests: Counters,
    responses: Counters,
    request_errors: Counters,
    request_retries: Counters,
    request_timeouts: Counters,
    connects: Counters,
    sent_bytes: Counters,
    received_bytes: Counters,
    sent_records: Counters,
    received_records: Counters,
    queued_records: Gauges,
    queued_bytes: Gauges,
    read_ahead_records: Gauges,
    read_ahead_bytes: Gauges,
    brokers_up: Gauges,
    round_trip: Fractions,
    group_rebalances: Counters,
    /// The last total of each counter, by client and name.
    totals: Mutex<HashMap<(&'static str, &'static str), u64>>,
}

impl Bridge {
    /// Names them.
    pub fn register(&self, registry: &mut Registry) {
        let r = registry.sub_registry_with_prefix("kafka");
        r.register("requests", "Requests sent to brokers", self.requests.clone());
        r.register(
            "responses",
            "Responses received from brokers",
            self.responses.clone(),
        );
        r.register(
            "request_errors",
            "Requests that could not be sent and responses that could not be read",
            self.request_errors.clone(),
        );
        r.register(
            "request_retries",
            "Requests sent again",
            self.request_retries.clone(),
        );
        r.register(
            "request_timeouts",
            "Requests that no broker answered in time",
            self.request_timeouts.clone(),
        );
        r.register("connects", "Connections to brokers tried", self.connects.clone());
        r.register_with_unit(
            "sent",
            "Bytes sent to brokers",
            Unit::Bytes,
            self.sent_bytes.clone(),
        );
        r.register_with_unit(
            "received",
            "Bytes received from brokers",
            Unit::Bytes,
            self.received_bytes.clone(),
        );
        r.register(
            "sent_records",
            "Records sent to brokers, those of aborted transactions too",
            self.sent_records.clone(),
        );
        r.register(
            "received_records",
            "Records received from brokers",
            self.received_records.clone(),
        );
        r.register(
            "queued_records",
            "Records that wait to be sent or confirmed",
            self.queued_records.clone(),
        );
        r.register_with_unit(
            "queued",
            "Bytes that wait to be sent or confirmed",
            Unit::Bytes,
            self.queued_bytes.clone(),
        );
        r.register(
            "read_ahead_records",
            "Records received and not yet taken in hand",
            self.read_ahead_records.clone(),
        );
        r.register_with_unit(
            "read_ahead",
            "Bytes received and not yet taken in hand",
            Unit::Bytes,
            self.read_ahead_bytes.clone(),
        );
        r.register("brokers_up", "Brokers connected to", self.brokers_up.clone());
        r.register_with_unit(
            "round_trip_p99",
            "99th percentile of the time from request to response, of the slowest broker",
            Unit::Seconds,
            self.round_trip.clone(),
        );
        r.register(
            "group_rebalances",
            "Rebalances of the group as the client counts them",
            self.group_rebalances.clone(),
        );
    }

    /// Takes over the figures of a client.
    pub fn take(&self, client: &'static str, statistics: &Statistics) {
        let label = ClientLabel { client };
        let mut totals = self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        let mut grow = |name, counters: &Counters, total: u64| {
            let last = totals.insert((client, name), total).unwrap_or(0);
            counters
                .get_or_create(&label)
                .inc_by(if total < last { total } else { total - last });
        };
        let brokers = statistics.brokers.values();
        let sum = |of: fn(&rdkafka::statistics::Broker) -> u64| brokers.clone().map(of).sum::<u64>();
        let whole = |n: i64| u64::try_from(n).unwrap_or(0);
        grow("requests", &self.requests, whole(statistics.tx));
        grow("responses", &self.responses, whole(statistics.rx));
        grow("errors", &self.request_errors, sum(|b| b.txerrs + b.rxerrs));
        grow("retries", &self.request_retries, sum(|b| b.txretries));
        grow("timeouts", &self.request_timeouts, sum(|b| b.req_timeouts));
        grow(
            "connects",
            &self.connects,
            sum(|b| b.connects.and_then(|n| u64::try_from(n).ok()).unwrap_or(0)),
        );
        grow("sent_bytes", &self.sent_bytes, whole(statistics.tx_bytes));
        grow("received_bytes", &self.received_bytes, whole(statistics.rx_bytes));
        grow("sent_records", &self.sent_records, whole(statistics.txmsgs));
        grow(
            "received_records",
            &self.received_records,
            whole(statistics.rxmsgs),
        );
        if let Some(group) = &statistics.cgrp {
            grow("rebalances", &self.group_rebalances, whole(group.rebalance_cnt));
        }
        drop(totals);

        let gauge = |gauges: &Gauges, value: u64| {
            gauges
                .get_or_create(&label)
                .set(i64::try_from(value).unwrap_or(i64::MAX));
        };
        gauge(&self.queued_records, statistics.msg_cnt);
        gauge(&self.queued_bytes, statistics.msg_size);
        let partitions = || statistics.topics.values().flat_map(|t| t.partitions.values());
        gauge(
            &self.read_ahead_records,
            partitions().map(|p| whole(p.fetchq_cnt)).sum(),
        );
        gauge(&self.read_ahead_bytes, partitions().map(|p| p.fetchq_size).sum());
        gauge(
            &self.brokers_up,
            brokers
                .clone()
                .filter(|b| b.nodeid >= 0 && b.state == "UP")
                .count() as u64,
        );
        let slowest = brokers
            .filter_map(|b| b.rtt.as_ref())
            .map(|rtt| rtt.p99)
            .max()
            .unwrap_or(0);
        #[allow(clippy::cast_precision_loss)]
        self.round_trip.get_or_create(&label).set(slowest as f64 / 1e6);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_go_on_when_a_client_is_replaced_and_its_totals_begin_anew() {
        let bridge = Bridge::default();
        let of = |tx| Statistics {
            tx,
            ..Statistics::default()
        };
        for tx in [5, 9, 2, 4] {
            bridge.take("producer", &of(tx));
        }
        let label = ClientLabel { client: "producer" };
        assert_eq!(bridge.requests.get_or_create(&label).get(), 9 + 4);
    }
}
