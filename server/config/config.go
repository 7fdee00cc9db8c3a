// Package config reads the settings of the hub from the environment. It
// imports nothing of ours and keeps no globals.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"reflect"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Config is what the environment says. The doc tags are the table of the
// README; secret:"true" values are never printed, of secret:"url" values only
// scheme, host and path are.
type Config struct {
	Addr        string `env:"HUB_ADDR" envDefault:"127.0.0.1:8080" doc:"Address to listen on, host:port."`
	MetricsAddr string `env:"HUB_METRICS_ADDR" doc:"Address of /metrics, host:port. Empty: on HUB_ADDR in development, nowhere in production."`
	Data        string `env:"HUB_DATA" envDefault:"./data" doc:"Folder of the SQLite file and of attachments."`
	DatabaseURL string `env:"HUB_DATABASE_URL" secret:"url" doc:"postgres://… . Empty: SQLite in HUB_DATA."`
	RedisURL    string `env:"HUB_REDIS_URL" secret:"url" doc:"redis://, rediss:// or unix://, when several processes run. Empty: everything in process."`
	MeiliURL    string `env:"HUB_MEILI_URL" secret:"url" doc:"Meilisearch, http(s)://… . Empty: the search index in process."`
	MeiliKey    string `env:"HUB_MEILI_KEY" secret:"true" doc:"API key of Meilisearch."`

	LLMBaseURL  string `env:"HUB_LLM_BASE_URL" secret:"url" doc:"OpenAI-compatible endpoint, http(s)://…/v1. Empty: the bot answers by rules and search."`
	LLMAPIKey   string `env:"HUB_LLM_API_KEY" secret:"true" doc:"API key of the endpoint."`
	LLMModel    string `env:"HUB_LLM_MODEL" doc:"Model to ask for, with HUB_LLM_BASE_URL."`
	EmbedModel  string `env:"HUB_EMBED_MODEL" doc:"Model of the same endpoint that embeds passages and questions, so that the search finds what is meant besides what is said. Empty: words alone."`
	LLMHourly   int    `env:"HUB_LLM_HOURLY" envDefault:"60" doc:"Calls to the model for one conversation in an hour, of all processes."`
	LLMDaily    int    `env:"HUB_LLM_DAILY" envDefault:"20000" doc:"Calls to the model in a day, of all processes; questions embedded count apart."`
	LLMParallel int    `env:"HUB_LLM_PARALLEL" envDefault:"8" doc:"Calls to the model at the same time, of each process."`
	LLMFiling   string `env:"HUB_LLM_FILING" doc:"Name and filing number of the model (模型名称及备案号), shown to residents; required in production with a model."`

	HotlineSecret string   `env:"HUB_HOTLINE12345_SECRET" secret:"true" doc:"Key with which 12345 signs the orders it pushes. Empty: pushes are refused."`
	HotlineAllow  Networks `env:"HUB_HOTLINE12345_ALLOW" doc:"Addresses or networks (CIDR), separated by commas, from which 12345 pushes; required in production with a secret. Empty: from anywhere."`
	HotlineURL    string   `env:"HUB_HOTLINE12345_URL" secret:"url" doc:"Endpoint of 12345, http(s)://…, that is told of signatures, returns, extensions and replies, signed with HUB_HOTLINE12345_SECRET. Empty: people paste or upload them."`

	Rules          string         `env:"HUB_RULES" doc:"File that overrides the service rules (rules.yaml)."`
	Env            string         `env:"HUB_ENV" envDefault:"development" doc:"development or production."`
	WechatAccounts string         `env:"HUB_WECHAT_ACCOUNTS" secret:"true" doc:"WeChat official accounts: a JSON file, or the JSON itself when it begins with [."`
	WechatAPIBase  string         `env:"HUB_WECHAT_API_BASE" envDefault:"https://api.weixin.qq.com" secret:"url" doc:"Where the WeChat API is."`
	SecretKey      string         `env:"HUB_SECRET_KEY" secret:"true" doc:"At least 32 characters that seal secrets in the database; the same for all processes. Empty: made and kept in HUB_DATA."`
	DemoPassword   string         `env:"HUB_DEMO_PASSWORD" secret:"true" doc:"Development only: password of the demo people. Empty: made and printed once."`
	TrustedProxies []netip.Prefix `env:"HUB_TRUSTED_PROXIES" doc:"Addresses or networks (CIDR), separated by commas, whose X-Forwarded-For is believed."`
	PublicURL      string         `env:"HUB_PUBLIC_URL" doc:"Where residents and staff reach the hub, https://host; required in production."`
	EmergencyPhone string         `env:"HUB_EMERGENCY_PHONE" doc:"Telephone number for emergencies, shown to residents when set."`
}

// Networks are the addresses and networks that may push orders of 12345.
type Networks []netip.Prefix

// Production reports whether demo people are refused and secrets demanded.
func (c Config) Production() bool { return c.Env == "production" }

// Load reads the settings by asking getenv (usually os.Getenv) for each name.
// Blanks around values are dropped; an empty value means the default. The
// error names every mistake, one sentence a line, without secret values.
func Load(getenv func(string) string) (Config, error) {
	var c Config
	given := map[string]string{}
	for _, s := range Table() {
		if v := strings.TrimSpace(getenv(s.Name)); v != "" {
			given[s.Name] = v
		}
	}
	var wrong mistakes
	opts := env.Options{
		Environment: given,
		FuncMap: map[reflect.Type]env.ParserFunc{
			reflect.TypeFor[[]netip.Prefix](): func(v string) (any, error) { return wrong.proxies(v), nil },
			reflect.TypeFor[Networks](): func(v string) (any, error) {
				return Networks(wrong.networks("HUB_HOTLINE12345_ALLOW", v)), nil
			},
		},
	}
	if err := env.ParseWithOptions(&c, opts); err != nil {
		wrong.add("The environment cannot be read: %v.", err)
	}
	wrong.check(c)
	return c, wrong.err()
}

// Setting is one row of the table of settings.
type Setting struct {
	Name    string // of the environment variable
	Default string
	Doc     string // one or two sentences
	Secret  bool   // the value is never printed
}

// Table lists the settings in the order of the README.
func Table() []Setting {
	t := reflect.TypeFor[Config]()
	rows := make([]Setting, 0, t.NumField())
	for f := range t.Fields() {
		rows = append(rows, Setting{
			Name: f.Tag.Get("env"), Default: f.Tag.Get("envDefault"),
			Doc: f.Tag.Get("doc"), Secret: f.Tag.Get("secret") == "true",
		})
	}
	return rows
}

// attrs are the settings as they may be printed, in the order of the table.
func (c Config) attrs() []slog.Attr {
	v := reflect.ValueOf(c)
	var out []slog.Attr
	for f := range v.Type().Fields() {
		text := fmt.Sprint(v.FieldByIndex(f.Index).Interface())
		out = append(out, slog.String(f.Tag.Get("env"), mask(f.Tag.Get("secret"), text)))
	}
	return out
}

// String is one line for each setting, secrets masked.
func (c Config) String() string {
	var b strings.Builder
	for _, a := range c.attrs() {
		fmt.Fprintf(&b, "%s=%s\n", a.Key, a.Value)
	}
	return b.String()
}

// GoString masks what %#v would print.
func (c Config) GoString() string { return c.String() }

// LogValue is what a log gets, secrets masked.
func (c Config) LogValue() slog.Value { return slog.GroupValue(c.attrs()...) }

// MarshalText masks what an encoder would write.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// mistakes gathers sentences about what is wrong.
type mistakes []error

func (m *mistakes) add(format string, args ...any) {
	*m = append(*m, fmt.Errorf(format, args...))
}

func (m mistakes) err() error { return errors.Join(m...) }
