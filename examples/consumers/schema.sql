-- Tables of the analytics example. All of it can be made again from the topic.

CREATE TABLE IF NOT EXISTS contacts (
    event_id       VARCHAR PRIMARY KEY,
    contact_key    VARCHAR NOT NULL,
    kind           VARCHAR NOT NULL,
    status         VARCHAR NOT NULL,
    first_day      DATE,
    last_day       DATE,
    precision      VARCHAR NOT NULL,
    place          VARCHAR,
    place_country  VARCHAR,
    confidence     DOUBLE NOT NULL,
    cameo_code     VARCHAR,
    article_id     VARCHAR,
    article_url    VARCHAR,
    article_source VARCHAR,
    article_title  VARCHAR,
    language       VARCHAR,
    published_at   TIMESTAMPTZ,
    version        VARCHAR,
    data_version   VARCHAR
);

CREATE TABLE IF NOT EXISTS participants (
    event_id      VARCHAR NOT NULL,
    position      INTEGER NOT NULL,
    party         VARCHAR NOT NULL,
    name          VARCHAR,
    office        VARCHAR NOT NULL,
    roles         VARCHAR[] NOT NULL,
    from_register BOOLEAN NOT NULL,
    PRIMARY KEY (event_id, position)
);

CREATE TABLE IF NOT EXISTS topics (
    event_id VARCHAR NOT NULL,
    code     VARCHAR NOT NULL,
    score    DOUBLE NOT NULL,
    PRIMARY KEY (event_id, code)
);

-- How far the topic is loaded; moves in the same transaction as the rows.
CREATE TABLE IF NOT EXISTS offsets (
    topic     VARCHAR NOT NULL,
    partition INTEGER NOT NULL,
    next      BIGINT NOT NULL,
    PRIMARY KEY (topic, partition)
);

-- What the last article said of each contact.
CREATE OR REPLACE VIEW latest AS
SELECT * FROM contacts
QUALIFY row_number() OVER (
    PARTITION BY contact_key ORDER BY published_at DESC NULLS LAST, event_id
) = 1;
