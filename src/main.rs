//! The executable: everything is in the library.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // One crypto library for everything; a client that is built before this panics.
    let _ = rustls::crypto::ring::default_provider().install_default();
    bambitalk::cli::main()
}
