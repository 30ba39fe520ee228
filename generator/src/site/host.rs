//! The hosts that a site can be built for.

use serde::{Deserialize, Serialize};

/// A host or web server that reads configuration files from the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Host {
    /// Netlify reads `_headers` and `_redirects` from the site's files.
    Netlify,
    /// Cloudflare Pages reads the same files.
    Cloudflare,
    /// GitHub Pages reads `.nojekyll`, and `CNAME` for a custom domain.
    Github,
    /// nginx includes `.daisy/nginx.conf`.
    Nginx,
    /// Caddy imports `.daisy/Caddyfile`.
    Caddy,
}

impl Host {
    /// The value of `daisy build --for`.
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
