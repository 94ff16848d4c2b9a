//! Compiles the public schema in-process (no `protoc` needed) into prost types with ProtoJSON serialisation.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message as _;

const SCHEMA: &str = "rapporteur/v1/contact.proto";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed=data");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let descriptors = protox::compile([SCHEMA], ["proto"])?;
    let bytes = descriptors.encode_to_vec();
    fs::write(out.join("descriptors.bin"), &bytes)?;
    prost_build::Config::new().compile_fds(descriptors)?;
    pbjson_build::Builder::new()
        .register_descriptors(&bytes)?
        .build(&[".rapporteur.v1"])?;
    Ok(())
}
