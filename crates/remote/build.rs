//! Writes the Rust of the contract, and its descriptors for reflection. protox is protoc in Rust: nothing to install.

use std::path::PathBuf;
use std::{env, fs, io};

use prost::Message as _;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=proto");
    let descriptors =
        protox::compile(["anabranch/v1/anabranch.proto"], ["proto"]).map_err(io::Error::other)?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?);
    // `compile_fds` ignores `file_descriptor_set_path`.
    fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure().bytes(".").compile_fds(descriptors)
}
