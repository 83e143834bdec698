//! Real servers for tests, from the programs of this machine: each in a folder of its own, on a free
//! port, gone with the test. `scripts/setup.sh test` installs them. Shared by the store's contract suite
//! and the journeys.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server that runs as long as this lives.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) folder: PathBuf,
    pub(crate) port: u16,
    /// The certificate it shows, PEM.
    pub(crate) certificate: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(crate) fn run(command: &mut Command) {
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|e| panic!("{command:?}: {e}; `scripts/setup.sh test` installs it"));
    assert!(
        output.status.success(),
        "{command:?}\n{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}

/// A program run as a user that is not root: servers refuse to be.
pub(crate) fn as_user(user: &str, program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid", user, "--clear-groups", "--"]);
    command.arg(program);
    command
}

pub(crate) fn folder_of(user: &str) -> PathBuf {
    let folder =
        std::env::temp_dir().join(format!("zf-{user}-{}", zf_crypto::random::alphanumeric(10)));
    std::fs::create_dir(&folder).unwrap();
    give(user, &folder);
    folder
}

pub(crate) fn give(user: &str, path: &Path) {
    if is_root() {
        run(Command::new("chown")
            .arg(format!("{user}:{user}"))
            .arg(path));
    }
}

pub(crate) fn free_port() -> u16 {
    let socket = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    socket.local_addr().unwrap().port()
}

/// A key and a certificate for 127.0.0.1, which vouches for itself.
pub(crate) fn certificate(folder: &Path, user: &str) -> String {
    let config = folder.join("tls.cnf");
    std::fs::write(
        &config,
        "[req]\ndistinguished_name = dn\nx509_extensions = ext\nprompt = no\n[dn]\nCN = localhost\n\
         [ext]\nsubjectAltName = DNS:localhost, IP:127.0.0.1\nbasicConstraints = CA:FALSE\n",
    )
    .unwrap();
    let (key, certificate) = (folder.join("server.key"), folder.join("server.crt"));
    run(Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-keyout",
        ])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .arg("-config")
        .arg(&config));
    for path in [&key, &certificate] {
        give(user, path);
    }
    run(Command::new("chmod").arg("600").arg(&key));
    std::fs::read_to_string(certificate).unwrap()
}

pub(crate) async fn ready<C>(mut connect: impl AsyncFnMut() -> Result<C, sqlx::Error>) -> C {
    let began = Instant::now();
    loop {
        match connect().await {
            Ok(conn) => return conn,
            Err(error) if began.elapsed() > Duration::from_secs(60) => panic!("no server: {error}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// PostgreSQL with the superuser `owner`, who needs no password; other logins do.
pub(crate) fn postgres(settings: &[&str]) -> Server {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .expect("PostgreSQL is missing; `scripts/setup.sh test` installs it")
        .map(|entry| entry.unwrap().path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    versions.sort();
    let bin = versions
        .pop()
        .expect("PostgreSQL is missing; `scripts/setup.sh test` installs it");
    let folder = folder_of("postgres");
    let certificate = certificate(&folder, "postgres");
    let data = folder.join("data");
    run(as_user("postgres", &bin.join("initdb"))
        .current_dir(&folder)
        .args([
            "--auth=trust",
            "--username=owner",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            "-D",
        ])
        .arg(&data));
    std::fs::write(
        data.join("pg_hba.conf"),
        "host all owner 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n",
    )
    .unwrap();
    let port = free_port();
    let child = as_user("postgres", &bin.join("postgres"))
        .current_dir(&folder)
        .arg("-D")
        .arg(&data)
        .args(["-p", &port.to_string(), "-k"])
        .arg(&folder)
        .args([
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "fsync=off",
            "-c",
            "ssl=on",
            "-c",
        ])
        .arg(format!(
            "ssl_cert_file={}",
            folder.join("server.crt").display()
        ))
        .arg("-c")
        .arg(format!(
            "ssl_key_file={}",
            folder.join("server.key").display()
        ))
        .args(settings.iter().flat_map(|setting| ["-c", *setting]))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Server {
        child,
        folder,
        port,
        certificate,
    }
}
