//! The binary as a command: arguments and standard input in, what it says out.

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
};

/// Runs `rapporteur` to its end.
pub fn rapporteur(args: &[&str], input: impl AsRef<[u8]>) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rapporteur"))
        .args(args)
        .env_remove("RAPPORTEUR_DATA")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.as_ref().to_vec();
    // A command that refuses its arguments does not read.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}
