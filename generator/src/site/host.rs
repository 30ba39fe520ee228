//! The hosts that a site can be built for.

use serde::{Deserialize, Serialize};

/// A host, or a web server, that reads files which say how to serve the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Host {
    /// Netlify reads `_headers` and `_redirects` among the site's files.
    Netlify,
    /// Cloudflare Pages reads the same files.
    Cloudflare,
    /// GitHub Pages reads `.nojekyll`, and `CNAME` if the site has its own domain.
    Github,
    /// nginx includes `.daisy/nginx.conf`.
    Nginx,
    /// Caddy imports `.daisy/Caddyfile`.
    Caddy,
}

impl Host {
    /// Its name, as `daisy build --for` takes it.
    pub fn name(self) -> &'static str {
        match self {
            Host::Netlify => "netlify",
            Host::Cloudflare => "cloudflare",
            Host::Github => "github",
            Host::Nginx => "nginx",
            Host::Caddy => "caddy",
        }
    }
}
