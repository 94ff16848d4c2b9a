//! A bearer token from a file, for SASL/OAUTHBEARER.
//!
//! Whoever issues the token keeps the file fresh (a projected service-account token, a sidecar, an agent); it is
//! read anew each time librdkafka asks, which it does well before the token ends. The token is a JWT: whose it
//! is and when it ends are read from it, not judged; that is for the brokers to do.

use std::{
    fs, io,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use rdkafka::client::OAuthToken;
use serde::Deserialize;

/// How the file is named in `sasl.oauthbearer.config`.
pub const FILE: &str = "file=";

/// Largest token that is taken.
const MAX_BYTES: usize = 64 << 10;

/// Why there is no token. The token itself is never part of it.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// No file is named.
    #[error("kafka.token_file is not set: SASL/OAUTHBEARER takes its token from there")]
    NoFile,
    /// It cannot be read.
    #[error("kafka.token_file: {file}: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        reason: io::Error,
    },
    /// It holds something else.
    #[error("kafka.token_file: {file} holds no JWT: {reason}")]
    NoToken {
        /// The file.
        file: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    sub: String,
    exp: f64,
}

/// The token that the value of `sasl.oauthbearer.config` leads to.
///
/// # Errors
/// Where there is none.
pub fn read(config: Option<&str>) -> Result<OAuthToken, TokenError> {
    let file = config
        .and_then(|config| config.strip_prefix(FILE))
        .ok_or(TokenError::NoFile)?;
    let text = fs::read_to_string(file).map_err(|reason| TokenError::Unreadable {
        file: file.to_owned(),
        reason,
    })?;
    parse(text.trim()).map_err(|reason| TokenError::NoToken {
        file: file.to_owned(),
        reason,
    })
}

fn parse(token: &str) -> Result<OAuthToken, &'static str> {
    if token.len() > MAX_BYTES {
        return Err("it is too long");
    }
    let mut parts = token.split('.');
    let (Some(_), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err("it does not have three parts");
    };
    let claims = BASE64_URL_SAFE_NO_PAD
        .decode(claims)
        .map_err(|_| "its claims are not base64url")?;
    let claims: Claims =
        serde_json::from_slice(&claims).map_err(|_| "its claims are no JSON object with an `exp`")?;
    let end = Duration::try_from_secs_f64(claims.exp).map_err(|_| "its `exp` is no time")?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    if end <= now {
        return Err("it has expired");
    }
    Ok(OAuthToken {
        token: token.to_owned(),
        principal_name: claims.sub,
        lifetime_ms: i64::try_from(end.as_millis()).map_err(|_| "its `exp` is no time")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subject_and_end_are_read_from_the_token_and_no_error_repeats_it() {
        let token = |claims: &str| format!("e30.{}.sig", BASE64_URL_SAFE_NO_PAD.encode(claims));
        let read = parse(&token(r#"{"sub": "news", "exp": 4102444800.5}"#)).unwrap();
        assert_eq!(
            (read.principal_name.as_str(), read.lifetime_ms),
            ("news", 4_102_444_800_500)
        );
        for (bad, why) in [
            ("hunter2".to_owned(), "three parts"),
            ("a.hunter2!.c".to_owned(), "base64url"),
            (token("{}"), "`exp`"),
            (token(r#"{"exp": 1}"#), "expired"),
            (token(r#"{"exp": -1}"#), "no time"),
        ] {
            let error = parse(&bad).err().unwrap();
            assert!(error.contains(why) && !error.contains("hunter2"), "{error}");
        }
        assert!(matches!(super::read(None), Err(TokenError::NoFile)));
    }
}
