//! One body, one test per engine.

/// Makes the tests `name::sqlite` and `name::postgres` of one body.
///
/// The body is an async closure that takes a `&mut Server` of its own:
///
/// ```text
/// both!(a_new_user_is_found, async |server| {
///     let user = server.create_user(json!({ "username": "ada" })).await;
///     …
/// });
/// ```
///
/// The tests run on two threads, so that what a body spawns really overlaps.
#[macro_export]
macro_rules! both {
    ($name:ident, async |$server:ident| $body:block $(,)?) => {
        async fn $name($server: &mut $crate::Server) $body

        mod $name {
            async fn on(engine: $crate::Engine) {
                let Some(mut server) = $crate::Server::start(engine).await else { return };
                super::$name(&mut server).await;
                server.end().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                on($crate::Engine::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                on($crate::Engine::Postgres).await;
            }
        }
    };
}
