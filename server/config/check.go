package config

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// check looks at everything, so that one start shows every mistake.
func (m *mistakes) check(c Config) {
	m.listen("HUB_ADDR", c.Addr)
	if c.MetricsAddr != "" {
		m.listen("HUB_METRICS_ADDR", c.MetricsAddr)
		if c.MetricsAddr == c.Addr && !strings.HasSuffix(c.Addr, ":0") {
			m.add("HUB_METRICS_ADDR is the same as HUB_ADDR; metrics must not be public.")
		}
	}
	m.link("HUB_DATABASE_URL", c.DatabaseURL, "postgres", "postgresql")
	m.link("HUB_REDIS_URL", c.RedisURL, "redis", "rediss", "unix")
	m.link("HUB_MEILI_URL", c.MeiliURL, "http", "https")
	m.link("HUB_LLM_BASE_URL", c.LLMBaseURL, "http", "https")
	m.link("HUB_WECHAT_API_BASE", c.WechatAPIBase, "http", "https")
	m.link("HUB_HOTLINE12345_URL", c.HotlineURL, "http", "https")
	m.link("HUB_PUBLIC_URL", c.PublicURL, "http", "https")
	if u, err := url.Parse(c.PublicURL); err == nil && (strings.Trim(u.Path, "/") != "" || u.RawQuery != "") {
		m.add("HUB_PUBLIC_URL must be a scheme and a host only, such as https://kefu.example.cn.")
	}
	if !phone(c.EmergencyPhone) {
		m.add("HUB_EMERGENCY_PHONE is %q, which is not a telephone number.", c.EmergencyPhone)
	}
	if c.SecretKey != "" && len(c.SecretKey) < 32 {
		m.add("HUB_SECRET_KEY must have at least 32 characters.")
	}
	m.together(c)
	switch c.Env {
	case "development":
	case "production":
		m.production(c)
	default:
		m.add("HUB_ENV is %q; it must be development or production.", c.Env)
	}
}

// together checks settings that need each other.
func (m *mistakes) together(c Config) {
	if c.MeiliKey != "" && c.MeiliURL == "" {
		m.add("HUB_MEILI_KEY is set without HUB_MEILI_URL.")
	}
	if c.LLMBaseURL != "" && c.LLMModel == "" && c.EmbedModel == "" {
		m.add("HUB_LLM_BASE_URL is set without HUB_LLM_MODEL or HUB_EMBED_MODEL.")
	}
	if c.LLMModel != "" && c.LLMBaseURL == "" {
		m.add("HUB_LLM_MODEL is set without HUB_LLM_BASE_URL.")
	}
	if c.EmbedModel != "" && c.LLMBaseURL == "" {
		m.add("HUB_EMBED_MODEL is set without HUB_LLM_BASE_URL.")
	}
	if c.LLMHourly < 1 || c.LLMDaily < 1 || c.LLMParallel < 1 {
		m.add("HUB_LLM_HOURLY, HUB_LLM_DAILY and HUB_LLM_PARALLEL must be 1 or more.")
	}
	if len(c.HotlineAllow) > 0 && c.HotlineSecret == "" {
		m.add("HUB_HOTLINE12345_ALLOW is set without HUB_HOTLINE12345_SECRET.")
	}
	if c.HotlineURL != "" && c.HotlineSecret == "" {
		m.add("HUB_HOTLINE12345_URL is set without HUB_HOTLINE12345_SECRET.")
	}
	if c.LLMAPIKey != "" && c.LLMBaseURL == "" {
		m.add("HUB_LLM_API_KEY is set without HUB_LLM_BASE_URL.")
	}
}

// leastSecret is how many characters a key for signatures has at least.
const leastSecret = 16

// production checks what only a real installation needs.
func (m *mistakes) production(c Config) {
	if c.DemoPassword != "" {
		m.add("HUB_DEMO_PASSWORD is set, but production has no demo people.")
	}
	switch {
	case c.PublicURL == "":
		m.add("HUB_PUBLIC_URL is missing; production must know its own address.")
	case !strings.HasPrefix(c.PublicURL, "https://"):
		m.add("HUB_PUBLIC_URL must begin with https:// in production.")
	}
	if c.LLMModel != "" && c.LLMFiling == "" {
		// CAC notice of April 2024: name and filing number in a prominent place.
		m.add("HUB_LLM_FILING is missing; production must show name and filing number of its model.")
	}
	if n := len(c.HotlineSecret); n > 0 && n < leastSecret {
		m.add("HUB_HOTLINE12345_SECRET has %d characters; production needs at least %d.", n, leastSecret)
	}
	if c.HotlineSecret != "" && len(c.HotlineAllow) == 0 {
		m.add("HUB_HOTLINE12345_ALLOW is missing; production must know from where 12345 pushes.")
	}
	if c.MeiliURL != "" && c.MeiliKey == "" {
		m.add("HUB_MEILI_KEY is missing; production must not use Meilisearch without a key.")
	}
}

// listen checks an address to listen on. Port 0 lets the system choose.
func (m *mistakes) listen(name, value string) {
	_, port, err := net.SplitHostPort(value)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		m.add("%s is %q, which is not an address such as 127.0.0.1:8080.", name, value)
	}
}

// link checks a URL without ever repeating it: it may hold a password.
func (m *mistakes) link(name, value string, schemes ...string) {
	if value == "" {
		return
	}
	u, err := url.Parse(value)
	if err != nil || !slices.Contains(schemes, u.Scheme) || u.Host == "" && u.Path == "" {
		m.add("%s is not a URL that begins with %s://.", name, strings.Join(schemes, ":// or "))
	}
}

// proxies reads HUB_TRUSTED_PROXIES.
func (m *mistakes) proxies(value string) []netip.Prefix {
	return m.networks("HUB_TRUSTED_PROXIES", value)
}

// networks reads addresses and networks, separated by commas.
func (m *mistakes) networks(name, value string) []netip.Prefix {
	var out []netip.Prefix
	for one := range strings.SplitSeq(value, ",") {
		if one = strings.TrimSpace(one); one != "" {
			out = append(out, m.network(name, one))
		}
	}
	return out
}

// network reads one address or network.
func (m *mistakes) network(name, value string) netip.Prefix {
	p, err := netip.ParsePrefix(value)
	if err != nil {
		var a netip.Addr
		if a, err = netip.ParseAddr(value); err == nil {
			p = netip.PrefixFrom(a, a.BitLen())
		}
	}
	switch {
	case err != nil:
		m.add("%s has %q, which is neither an address nor a network such as 10.0.0.0/8.", name, value)
	case p.Bits() == 0 && name == "HUB_TRUSTED_PROXIES":
		m.add("HUB_TRUSTED_PROXIES has %q: everybody could choose the address they seem to come from.", value)
	}
	return p
}

// phone accepts an empty value, and three to twenty digits with + - ( ) and blanks.
func phone(s string) bool {
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune("+-() ", r):
			return false
		}
	}
	return s == "" || digits >= 3 && digits <= 20
}

// mask is how a value may be printed, by its secret tag.
func mask(secret, value string) string {
	switch {
	case value == "" || secret == "":
		return value
	case secret == "url":
		u, err := url.Parse(value)
		if err != nil {
			return "***"
		}
		return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
	}
	return "***"
}
