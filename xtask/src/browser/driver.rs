//! A browser over the W3C WebDriver protocol, as ChromeDriver speaks it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// What a page is shown on.
pub(crate) struct Screen {
    pub(crate) name: &'static str,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) is_mobile: bool,
}

/// The longest that one call may take: the audit of accessibility of a long page is the slowest.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running browser with one window.
pub(crate) struct Browser {
    driver: Child,
    agent: ureq::Agent,
    session: String,
}

impl Browser {
    /// Starts the driver on a free port, and a browser under it.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context(
                "cannot start chromedriver (Debian: apt-get install chromium chromium-driver)",
            )?;
        let out = driver.stdout.take().context("chromedriver has no output")?;
        let port = BufReader::new(out)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                let (_, port) = line.split_once("successfully on port ")?;
                port.trim_end_matches('.').parse::<u16>().ok()
            })
            .context("chromedriver names no port")?;
        let config = ureq::Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .build();
        let mut browser = Self {
            driver,
            agent: config.into(),
            session: format!("http://127.0.0.1:{port}/session"),
        };
        let options = json!({ "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--hide-scrollbars",
        ]});
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        }}});
        let session = browser.post("", &wanted)?;
        let id = session["sessionId"].as_str().context("the driver names no session")?;
        browser.session = format!("{}/{id}", browser.session);
        Ok(browser)
    }

    /// Calls the driver, and returns what it answers.
    fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let url = format!("{}{path}", self.session);
        let mut answer = self.agent.post(&url).send(body.to_string())?;
        let limit = answer.body_mut().with_config().limit(64 << 20);
        let answer: Value = serde_json::from_str(&limit.read_to_string()?)?;
        let value = answer["value"].clone();
        if let Some(error) = value["error"].as_str() {
            anyhow::bail!("{path}: {error}: {}", value["message"].as_str().unwrap_or_default());
        }
        Ok(value)
    }

    /// A command of the DevTools protocol.
    pub(crate) fn command(&self, name: &str, parameters: &Value) -> anyhow::Result<Value> {
        self.post("/goog/cdp/execute", &json!({ "cmd": name, "params": parameters }))
    }

    /// Sets the size of the screen and whether the reader prefers `light` or `dark`.
    pub(crate) fn show(&self, screen: &Screen, scheme: &str) -> anyhow::Result<()> {
        let size = json!({
            "width": screen.width, "height": screen.height,
            "deviceScaleFactor": 1, "mobile": screen.is_mobile,
        });
        self.command("Emulation.setDeviceMetricsOverride", &size)?;
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.command("Emulation.setEmulatedMedia", &json!({ "features": [feature] }))?;
        Ok(())
    }

    pub(crate) fn open(&self, url: &str) -> anyhow::Result<()> {
        self.post("/url", &json!({ "url": url })).map(|_| ())
    }

    /// What the body of a function returns.
    pub(crate) fn run(&self, body: &str) -> anyhow::Result<Value> {
        self.post("/execute/sync", &json!({ "script": body, "args": [] }))
    }

    /// What the body of a function hands to its last argument.
    pub(crate) fn wait_for(&self, body: &str) -> anyhow::Result<Value> {
        self.post("/execute/async", &json!({ "script": body, "args": [] }))
    }

    /// Lines that the driver has kept since it was last asked.
    pub(crate) fn log(&self, kind: &str) -> anyhow::Result<Vec<Value>> {
        let lines = self.post("/se/log", &json!({ "type": kind }))?;
        Ok(lines.as_array().cloned().unwrap_or_default())
    }

    /// Presses a key and lets it go.
    pub(crate) fn press(&self, key: char) -> anyhow::Result<()> {
        let key = key.to_string();
        let strokes =
            json!([{ "type": "keyDown", "value": key }, { "type": "keyUp", "value": key }]);
        let keys = json!({ "actions": [{ "type": "key", "id": "keys", "actions": strokes }] });
        self.post("/actions", &keys).map(|_| ())
    }

    /// Keeps a picture of the whole page.
    pub(crate) fn picture(&self, path: &Path) -> anyhow::Result<()> {
        let taken = json!({ "captureBeyondViewport": true, "clip": self.run(
            "const all = document.documentElement;
             return { x: 0, y: 0, width: innerWidth, height: all.scrollHeight, scale: 1 };",
        )? });
        let picture = self.command("Page.captureScreenshot", &taken)?;
        save(path, &picture["data"])
    }

    /// Keeps the page as a PDF.
    pub(crate) fn print(&self, path: &Path) -> anyhow::Result<()> {
        save(path, &self.post("/print", &json!({ "background": true }))?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A driver that is killed leaves its browser behind.
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn save(path: &Path, data: &Value) -> anyhow::Result<()> {
    let bytes = STANDARD.decode(data.as_str().context("the driver sent no data")?)?;
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
