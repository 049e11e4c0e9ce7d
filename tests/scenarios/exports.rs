//! Exports: an instance goes to another store and is the same there, or is not there at all.

mod over_http;
mod population;
mod refused;
mod round_trip;

use std::io::Cursor;

use rollbook_ops::transfer::{self, ImportError, Imported};
use rollbook_testkit::Server;

/// The instance of a server as a file.
async fn exported(server: &Server) -> Vec<u8> {
    let mut export = transfer::export(&server.ctx, &server.instance_id).await.expect("an export");
    let mut file = Vec::new();
    while let Some(chunk) = export.next().await {
        file.extend_from_slice(&chunk.expect("a chunk"));
    }
    file
}

async fn imported(server: &Server, file: &[u8]) -> Result<Imported, ImportError> {
    let mut source = || -> std::io::Result<Box<dyn std::io::BufRead>> {
        Ok(Box::new(Cursor::new(file.to_vec())))
    };
    transfer::import(&server.ctx, &mut source, &mut |_| {}).await
}
