//! The input contract: every article is read as promised, and whatever is none is refused by field and reason.

use proptest::prelude::*;
use rapporteur::article::{Article, DecodeError, Decoder, Field, Mapping, Preset, RecordContext};
use serde_json::{Value, json};

const RECORD: RecordContext<'static> = RecordContext {
    topic: "articles",
    partition: 3,
    offset: 42,
    key: None,
    timestamp_ms: Some(1_639_476_000_000),
};

fn decode(article: &Value) -> Result<Article, DecodeError> {
    Decoder::default().decode(article.to_string().as_bytes(), None)
}

fn article(field: &str, value: Value) -> Value {
    let mut article = json!({"id": "a", "title": "T", "body": "B", "published_at": "2021-12-14"});
    article[field] = value;
    article
}

#[test]
fn an_article_is_read_as_it_came() {
    let article = decode(&json!({
        "id": "a-1", "title": "«Poutine» & <Macron>", "body": "Un.\n\nDeux\u{a0}: 😀 < 3.", "published_at": "2021-12-15T00:30:00+03:00",
        "language": "fr-CH", "url": "https://example.org/1", "source": "Agence", "unknown": [1, {"a": null}],
    }))
    .unwrap();
    assert_eq!(article.id, "a-1");
    assert_eq!(article.title, "«Poutine» & <Macron>");
    assert_eq!(article.body, "Un.\n\nDeux\u{a0}: 😀 < 3.");
    assert_eq!(article.published_at.text, "2021-12-15T00:30:00+03:00");
    assert_eq!(article.published_at.date.to_string(), "2021-12-15");
    assert_eq!(article.language.as_deref(), Some("fr-CH"));
    assert_eq!(article.url, "https://example.org/1");
    assert_eq!(article.source, "Agence");
    assert_eq!(article.record, None);
}

#[test]
fn what_an_article_leaves_out_its_record_supplies() {
    let bytes = json!({"body": "B"}).to_string();
    let decoder = Decoder::default();
    let read = |record| decoder.decode(bytes.as_bytes(), Some(&record)).unwrap();
    let plain = read(RECORD);
    assert_eq!(plain.id, "articles-3-42");
    assert_eq!(plain.published_at.text, "2021-12-14T10:00:00Z");
    assert_eq!((plain.title.as_str(), plain.language), ("", None));
    assert_eq!(plain.record.unwrap().offset, 42);
    assert_eq!(
        read(RecordContext {
            key: Some(b"k-7"),
            ..RECORD
        })
        .id,
        "k-7"
    );
    assert_eq!(
        read(RecordContext {
            key: Some(b""),
            ..RECORD
        })
        .id,
        "articles-3-42"
    );
    assert_eq!(
        read(RecordContext {
            key: Some(b"\xff"),
            ..RECORD
        })
        .id,
        "articles-3-42"
    );
}

#[test]
fn an_articles_own_fields_win_over_its_record() {
    let bytes = article("id", json!("own")).to_string();
    let record = RecordContext {
        key: Some(b"k"),
        ..RECORD
    };
    let article = Decoder::default()
        .decode(bytes.as_bytes(), Some(&record))
        .unwrap();
    assert_eq!(article.id, "own");
    assert_eq!(article.published_at.text, "2021-12-14");
}

#[test]
fn an_article_without_id_or_record_is_named_after_its_bytes() {
    let id = |body: &str| {
        decode(&json!({"body": body, "published_at": "2021-12-14"}))
            .unwrap()
            .id
    };
    assert_eq!(id("one"), id("one"));
    assert_ne!(id("one"), id("two"));
    assert!(id("one").starts_with("sha256-"));
}

#[test]
fn an_html_body_becomes_the_text_that_a_reader_sees() {
    let article = decode(&article(
        "body",
        json!("<p>Macron &amp; Scholz</p>\n<p>met in <b>Paris</b>.</p>"),
    ))
    .unwrap();
    assert_eq!(article.body, "Macron & Scholz\n\nmet in Paris.");
}

#[test]
fn null_counts_as_absent() {
    let mut given = article("url", Value::Null);
    given["title"] = Value::Null;
    given["language"] = json!("");
    let article = decode(&given).unwrap();
    assert_eq!(
        (article.url.as_str(), article.title.as_str(), article.language),
        ("", "", None)
    );
}

#[test]
fn a_field_of_a_wrong_type_is_named() {
    for field in Field::ALL {
        for (value, found) in [
            (json!(1), "a number"),
            (json!(true), "a boolean"),
            (json!(["x"]), "an array"),
            (json!({"x": 1}), "an object"),
        ] {
            let error = decode(&article(field.name(), value)).unwrap_err();
            assert_eq!(error.code(), "wrong-type");
            assert_eq!(error.field(), Some(field));
            assert_eq!(
                error.to_string(),
                format!("{field}: {found} at /{field}, not a string")
            );
        }
    }
}

#[test]
fn a_missing_or_empty_body_is_an_error() {
    let error = decode(&json!({"id": "a", "published_at": "2021-12-14"})).unwrap_err();
    assert_eq!(
        (error.code(), error.field()),
        ("missing-field", Some(Field::Body))
    );
    assert_eq!(error.to_string(), "body: missing (looked at /body)");
    assert_eq!(
        decode(&article("body", Value::Null)).unwrap_err().code(),
        "missing-field"
    );
    for body in ["", " \n\t", "<p> </p>", "<script>only()</script><p></p>"] {
        let error = decode(&article("body", json!(body))).unwrap_err();
        assert_eq!(
            (error.code(), error.field()),
            ("empty-field", Some(Field::Body)),
            "{body}"
        );
    }
}

#[test]
fn a_date_that_is_none_is_an_error() {
    for date in ["", "yesterday", "2021-02-30", "14.12.2021", "20211214"] {
        let error = decode(&article("published_at", json!(date))).unwrap_err();
        assert_eq!(
            (error.code(), error.field()),
            ("invalid-date", Some(Field::PublishedAt)),
            "{date}"
        );
    }
    let error = decode(&json!({"body": "B"})).unwrap_err();
    assert_eq!(
        (error.code(), error.field()),
        ("missing-field", Some(Field::PublishedAt))
    );
    let record = RecordContext {
        timestamp_ms: Some(i64::MAX),
        ..RECORD
    };
    let error = Decoder::default()
        .decode(br#"{"body": "B"}"#, Some(&record))
        .unwrap_err();
    assert_eq!(
        (error.code(), error.field()),
        ("invalid-timestamp", Some(Field::PublishedAt))
    );
}

#[test]
fn bytes_that_are_no_json_object_are_refused() {
    let decode = |bytes: &[u8]| Decoder::default().decode(bytes, Some(&RECORD)).unwrap_err();
    assert_eq!(decode(b"").code(), "empty-record");
    assert_eq!(decode(b" \n").code(), "empty-record");
    assert_eq!(decode(b"\xef\xbb\xbf").code(), "empty-record");
    assert_eq!(
        decode(b"{\"body\": \"a\xff\"}"),
        DecodeError::InvalidUtf8 { offset: 11 }
    );
    assert_eq!(
        decode(b"{\"body\": \"a\",\n oops}").to_string(),
        "invalid JSON: key must be a string (line 2, column 2)"
    );
    assert_eq!(
        decode(br#"{"body": "lone \ud83d surrogate"}"#).code(),
        "invalid-json"
    );
    assert_eq!(decode(br#"{"body": "a"} {"body": "b"}"#).code(), "invalid-json");
    assert_eq!(decode(br#"{"body": "a"#).code(), "invalid-json");
    assert_eq!(
        decode(b"[1]").to_string(),
        "the record is an array, not an object"
    );
    assert_eq!(decode(b"null").to_string(), "the record is null, not an object");
    let deep = format!(
        "{{\"body\": \"b\", \"x\": {}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(decode(deep.as_bytes()).to_string().contains("recursion limit"));
}

#[test]
fn a_byte_order_mark_is_overlooked() {
    let bytes = b"\xef\xbb\xbf{\"body\": \"B\", \"published_at\": \"2021-12-14\"}";
    assert_eq!(Decoder::default().decode(bytes, None).unwrap().body, "B");
}

#[test]
fn a_record_beyond_the_limit_is_refused_unread() {
    let huge = article("body", json!("x".repeat(50_000_000))).to_string();
    let error = Decoder::default().decode(huge.as_bytes(), None).unwrap_err();
    assert_eq!(
        error,
        DecodeError::TooLarge {
            bytes: huge.len(),
            limit: 5_000_000
        }
    );
    let decoder = Decoder::new(&Mapping {
        max_bytes: 10,
        ..Mapping::default()
    });
    assert_eq!(
        decoder.decode(b"not even JSON", None).unwrap_err().code(),
        "too-large"
    );
}

#[test]
fn ninjs_articles_are_read_by_their_preset() {
    let decoder = Decoder::new(&Mapping {
        preset: Preset::Ninjs,
        ..Mapping::default()
    });
    let read = |article: Value| decoder.decode(article.to_string().as_bytes(), None).unwrap();
    let first = read(json!({
        "uri": "urn:news:1", "headline": "H", "body_xhtml": "<p>One</p><p>Two</p>", "language": "en",
        "versioncreated": "2021-12-14T10:00:00Z", "firstcreated": "2021-12-13T10:00:00Z",
        "copyrightholder": "Agency", "infosource": [{"name": "Desk"}],
    }));
    assert_eq!(
        (first.id.as_str(), first.title.as_str(), first.body.as_str()),
        ("urn:news:1", "H", "One\n\nTwo")
    );
    assert_eq!(
        (first.published_at.text.as_str(), first.source.as_str()),
        ("2021-12-14T10:00:00Z", "Desk")
    );
    let second = read(json!({
        "uri": "urn:news:2", "headlines": [{"role": "main", "value": "H"}], "bodies": [{"value": "Text."}],
        "contentcreated": "2021-12-14T10:00:00+01:00",
    }));
    assert_eq!((second.title.as_str(), second.body.as_str()), ("H", "Text."));
}

#[test]
fn a_mapping_reads_nested_fields_and_falls_back() {
    let mapping: Mapping = toml::from_str(
        "id = '/meta/guid'\nbody = ['/content/0/text', '/content/0/html']\npublished_at = '/meta/date'",
    )
    .unwrap();
    let decoder = Decoder::new(&mapping);
    let record = json!({
        "meta": {"guid": "g", "date": "2021-12-14"}, "title": "T", "content": [{"text": null, "html": "<p>B</p>"}],
    });
    let article = decoder.decode(record.to_string().as_bytes(), None).unwrap();
    assert_eq!(
        (article.id.as_str(), article.title.as_str(), article.body.as_str()),
        ("g", "T", "B")
    );
    let wrong = json!({"meta": {"guid": 7}, "content": [{"text": "B"}]});
    let error = decoder
        .decode(wrong.to_string().as_bytes(), Some(&RECORD))
        .unwrap_err();
    assert_eq!(error.to_string(), "id: a number at /meta/guid, not a string");
    let error = decoder.decode(b"{}", Some(&RECORD)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "body: missing (looked at /content/0/text, /content/0/html)"
    );
}

#[test]
fn the_labels_of_errors_are_stable() {
    let field = Field::Body;
    let errors = [
        (DecodeError::TooLarge { bytes: 2, limit: 1 }, "too-large"),
        (DecodeError::EmptyRecord, "empty-record"),
        (DecodeError::InvalidUtf8 { offset: 0 }, "invalid-utf8"),
        (
            DecodeError::InvalidJson {
                reason: String::new(),
                line: 1,
                column: 1,
            },
            "invalid-json",
        ),
        (DecodeError::NotAnObject { found: "null" }, "not-an-object"),
        (
            DecodeError::MissingField {
                field,
                looked_at: vec![],
            },
            "missing-field",
        ),
        (
            DecodeError::WrongType {
                field,
                pointer: String::new(),
                found: "null",
            },
            "wrong-type",
        ),
        (DecodeError::EmptyField { field }, "empty-field"),
        (
            DecodeError::InvalidDate {
                field,
                value: String::new(),
            },
            "invalid-date",
        ),
        (
            DecodeError::InvalidTimestamp { timestamp_ms: 0 },
            "invalid-timestamp",
        ),
    ];
    for (error, code) in errors {
        assert_eq!(error.code(), code);
    }
}

/// JSON values of all shapes, some with the names of an article's fields.
fn json_value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        any::<String>(),
        "[<>/a-p&;# \n]{0,40}",
        Just("2021-12-14".to_owned())
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        let key = prop_oneof![
            proptest::sample::select(Field::ALL.to_vec()).prop_map(|f| f.name().to_owned()),
            any::<String>()
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            proptest::collection::hash_map(key, inner, 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>, key: Option<Vec<u8>>, timestamp_ms: Option<i64>) {
        let record = RecordContext { key: key.as_deref(), timestamp_ms, ..RECORD };
        if let Err(error) = Decoder::default().decode(&bytes, Some(&record)) {
            prop_assert!(!error.code().is_empty() && !error.to_string().is_empty());
        }
    }

    #[test]
    fn any_json_is_read_or_refused(value in json_value()) {
        for preset in [Preset::Default, Preset::Ninjs] {
            let decoder = Decoder::new(&Mapping { preset, ..Mapping::default() });
            if let Ok(article) = decoder.decode(value.to_string().as_bytes(), Some(&RECORD)) {
                prop_assert!(!article.body.trim().is_empty() && !article.id.is_empty());
            }
        }
    }

    #[test]
    fn any_text_in_an_article_is_read(title: String, body in "\\PC{0,200}", id in "\\PC{1,20}") {
        let given = json!({"id": id, "title": title, "body": body, "published_at": "2021-12-14"});
        match decode(&given) {
            Ok(article) => {
                prop_assert_eq!(article.title, title);
                prop_assert!(article.id == id || id.trim().is_empty());
            }
            Err(error) => prop_assert_eq!(error.code(), "empty-field"),
        }
    }

    #[test]
    fn a_truncated_article_is_refused(cut in 1_usize..60) {
        let whole = article("body", json!("Macron a reçu Scholz à l’Élysée.")).to_string();
        let bytes = &whole.as_bytes()[..whole.len() - cut];
        let code = Decoder::default().decode(bytes, None).unwrap_err().code();
        prop_assert!(matches!(code, "invalid-json" | "invalid-utf8"), "{}", code);
    }

    #[test]
    fn html_of_any_shape_becomes_text_without_edges(body in "(<[a-z/]{1,8}>|[a-z &;\n]{0,9}|<!--|-->|<svg/>){0,40}") {
        use rapporteur::article::html;
        if let Some(markup) = html::detect(&body) {
            let text = html::to_text(&body, markup);
            prop_assert_eq!(text.trim_matches([' ', '\n']), text.as_str());
            prop_assert!(!text.contains("\n\n\n"));
        }
    }
}
