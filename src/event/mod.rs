//! The public schema: types generated from `proto/rapporteur/v1/contact.proto`, with canonical ProtoJSON.

#[allow(missing_docs, clippy::all)]
mod schema {
    include!(concat!(env!("OUT_DIR"), "/rapporteur.v1.rs"));
    include!(concat!(env!("OUT_DIR"), "/rapporteur.v1.serde.rs"));
}

pub mod identity;

pub use schema::*;
