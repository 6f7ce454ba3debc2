//! The `anabranch` command.
