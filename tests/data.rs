//! The data that the program ships with is sound, and a check of it finds what is not.

use std::{fs, path::Path, sync::LazyLock};

use rapporteur::{
    data::{Finding, Severity, Source},
    extract::{Engine, trial},
    lexicon,
    register::{self, Register},
};
use tempfile::TempDir;

fn errors(findings: Vec<Finding>) -> Vec<String> {
    findings
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.to_string())
        .collect()
}

#[test]
fn the_register_has_no_error() {
    let found = errors(register::check(&Source::Embedded, &[]));
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn the_language_packs_have_no_error() {
    let tables = Register::load_tables(&Source::Embedded).unwrap();
    let found = errors(lexicon::check(&Source::Embedded, &tables));
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn every_example_shows_its_rule_every_date_comes_out_and_every_entry_can_match() {
    let engine = Engine::load(&Source::Embedded).unwrap();
    let examples: usize = engine
        .packs()
        .iter()
        .map(|pack| pack.examples.len() + pack.time_examples.len())
        .sum();
    assert!(examples > 1500, "{examples} examples");
    let found = errors(trial(&engine, &Source::Embedded));
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// The shipped register with the files of one language, as a directory.
static DATA: LazyLock<TempDir> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    for folder in [
        "register",
        "register/terms",
        "register/people",
        "model",
        "lexicon/fr",
    ] {
        fs::create_dir_all(dir.path().join(folder)).unwrap();
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let entry = entry.unwrap();
            if entry.path().is_file() {
                fs::copy(entry.path(), dir.path().join(folder).join(entry.file_name())).unwrap();
            }
        }
    }
    dir
});

/// A fault: the file, what stands there, what is put in its place (or at the end of the file), and what is told of it.
type Fault = (&'static str, &'static str, &'static str, &'static str);

/// A copy of the data with faults.
fn faulty(faults: &[Fault]) -> (TempDir, Source) {
    let dir = tempfile::tempdir().unwrap();
    copy(DATA.path(), dir.path());
    for (file, old, new, _) in faults {
        let path = dir.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        let text = if old.is_empty() {
            text + new
        } else {
            assert!(text.contains(old), "{file} has no `{old}`");
            text.replacen(old, new, 1)
        };
        fs::write(path, text).unwrap();
    }
    let source = Source::Directory(dir.path().to_owned());
    (dir, source)
}

fn assert_told(faults: &[Fault], found: &[String]) {
    for (file, _, _, told) in faults {
        assert!(
            found
                .iter()
                .any(|finding| finding.contains(told) && finding.contains(file)),
            "{file}: {told}:\n{}",
            found.join("\n")
        );
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_fault_in_the_register_is_told_with_its_place() {
    const MINISTERS: &str = "register/terms/foreign-ministers-europe.csv";
    const HEADS: &str = "register/terms/heads-europe.csv";
    const NAMES: &str = "register/people/heads-europe.csv";
    let faults: [Fault; 15] = [
        ("register/states.csv", "\nATG,AG,", "\nATX,AG,", "no alpha-3 code"),
        (
            "register/states.csv",
            "\nAND,AD,",
            "\nAND,AX,",
            "alpha2 of AND is AD",
        ),
        (
            "register/states.csv",
            ",Tirana,",
            ",Tyrana,",
            "the capital Tyrana is not",
        ),
        (
            "register/organizations.csv",
            ",intergovernmental,",
            ",club,",
            "kind `club`",
        ),
        ("register/groups.csv", ",FRA;DEU;GBR\n", ",FRA\n", "1 members"),
        (
            MINISTERS,
            "",
            "ALB,ENVOY,Anna Nowhere,2001-02-30,,press\n",
            "start `2001-02-30` is no date",
        ),
        (
            MINISTERS,
            "",
            "ALB,ENVOY,Bert Nowhere,2001,,hearsay\n",
            "source `hearsay`",
        ),
        (
            MINISTERS,
            "",
            "ALX,ENVOY,Carl Nowhere,2001,,press\n",
            "no party `ALX`",
        ),
        (
            MINISTERS,
            "",
            "FRA,FOREIGN_MINISTER,Dora Nowhere,2015-01-01,2015-06-01,press\n",
            "are FOREIGN_MINISTER of FRA at a time",
        ),
        (
            HEADS,
            "FRA,HEAD_OF_STATE,Nicolas Sarkozy",
            "FRA,ENVOY,Nicolas Sarkozy",
            "nobody is HEAD_OF_STATE of FRA for",
        ),
        (
            HEADS,
            "",
            "FRA,ENVOY,Emanuel Macron,2016,,press\n",
            "may be `Emanuel Macron`",
        ),
        (
            NAMES,
            "",
            "Emmanuel Macaroon,,E. M.\n",
            "nobody in register/terms is called `Emmanuel Macaroon`",
        ),
        (
            NAMES,
            "",
            "Emmanuel Macron,Emmanuel,\n",
            "`Emmanuel Macron` stands twice",
        ),
        (
            "register/people/cyrl-ru.csv",
            "",
            "Emmanuel Macron,Cyrl,Macron\n",
            "holds no Cyrl letters",
        ),
        (
            "register/exceptions.csv",
            "",
            "overlap,FRA,ENVOY,,\n",
            "no reason is given",
        ),
    ];
    let (_dir, source) = faulty(&faults);
    assert_told(&faults, &errors(register::check(&source, &[])));
}

#[test]
fn a_fault_in_a_pack_is_told_with_its_place() {
    let faults: [Fault; 5] = [
        (
            "lexicon/fr/states.csv",
            "\nALB,",
            "\nAND,",
            "ALB (Albania) has no name",
        ),
        (
            "lexicon/fr/offices.toml",
            "",
            "\n[[office]]\ncode = \"ENVOY\"\nforms = [\"légat\"]\n",
            "the rule that begins with `légat` has no example",
        ),
        (
            "lexicon/fr/offices.toml",
            "",
            "\n[[office]]\ncode = \"ENVOY\"\nforms = [\"ablégat\"]\nexamples = [\"Le curé est venu.\"]\n",
            "does not show an office",
        ),
        (
            "lexicon/fr/status.toml",
            "",
            "\n[[cue]]\nstatus = \"PLANNED\"\ngoverns = \"after\"\nforms = [\"a b c d e f g h i j k l m n o p q r s t\"]\n\
             examples = [\"Il doit venir.\"]\n",
            "can never match",
        ),
        (
            "lexicon/fr/time.toml",
            "",
            "\n[[rule]]\nforms = [\"jadis\"]\nvalue = \"day:-1\"\n\
             examples = [\"jadis | 2024-03-14 | 2024-03-12..2024-03-12\"]\n",
            "does not come out so",
        ),
    ];
    let (_dir, source) = faulty(&faults);
    let tables = Register::load_tables(&source).unwrap();
    let mut findings = lexicon::check(&source, &tables);
    findings.extend(trial(&Engine::load(&source).unwrap(), &source));
    assert_told(&faults, &errors(findings));

    let faults: [Fault; 1] = [(
        "lexicon/fr/contacts.toml",
        "kind = \"MEETING\"",
        "kind = \"BRAWL\"",
        "no kind `BRAWL`",
    )];
    let (_dir, source) = faulty(&faults);
    let tables = Register::load_tables(&source).unwrap();
    assert_told(&faults, &errors(lexicon::check(&source, &tables)));
}
