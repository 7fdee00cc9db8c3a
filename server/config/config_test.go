package config

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
)

func getenv(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

func TestWithoutAnySettingTheDefaultsServe(t *testing.T) {
	c, err := Load(getenv(nil))
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	if c.Addr != "127.0.0.1:8080" || c.Data != "./data" || c.Env != "development" || c.Production() ||
		c.WechatAPIBase != "https://api.weixin.qq.com" || c.DatabaseURL != "" || len(c.TrustedProxies) != 0 {
		t.Errorf("defaults are %+v", c)
	}
}

// full is a production in which everything is set, right.
func full() map[string]string {
	return map[string]string{
		"HUB_ADDR":            "0.0.0.0:80",
		"HUB_METRICS_ADDR":    "127.0.0.1:9090",
		"HUB_DATA":            "/var/lib/hub",
		"HUB_DATABASE_URL":    "postgres://hub:canary-db@db:5432/hub?sslmode=verify-full&password=canary-query",
		"HUB_REDIS_URL":       "rediss://:canary-redis@redis:6379/0",
		"HUB_MEILI_URL":       "http://meili:7700",
		"HUB_MEILI_KEY":       "canary-meili",
		"HUB_LLM_BASE_URL":    "https://user:canary-llm-url@llm.example.cn/v1",
		"HUB_LLM_API_KEY":     "canary-llm",
		"HUB_LLM_MODEL":       "qwen-plus",
		"HUB_LLM_FILING":      "通义千问 ZheJiang-TongYiQianWen-20230901",
		"HUB_RULES":           "/etc/hub/rules.yaml",
		"HUB_ENV":             "production",
		"HUB_WECHAT_ACCOUNTS": "canary-wechat",
		"HUB_WECHAT_API_BASE": "https://api2.weixin.qq.com",
		"HUB_TRUSTED_PROXIES": "10.0.0.1, 192.168.0.0/16,fd00::/8",
		"HUB_PUBLIC_URL":      " https://kefu.example.cn/ ",
		"HUB_EMERGENCY_PHONE": "0531-12345",

		"HUB_HOTLINE12345_SECRET": "canary-hotline-12345",
		"HUB_HOTLINE12345_ALLOW":  "10.12.0.0/16",
		"HUB_HOTLINE12345_URL":    "https://city.example.cn/unit?token=canary-endpoint",
	}
}

func TestAFullProductionLoads(t *testing.T) {
	c, err := Load(getenv(full()))
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	if !c.Production() || c.LLMModel != "qwen-plus" || c.PublicURL != "https://kefu.example.cn/" {
		t.Errorf("loaded %+v", c)
	}
	if got := fmt.Sprint(c.TrustedProxies); got != "[10.0.0.1/32 192.168.0.0/16 fd00::/8]" {
		t.Errorf("proxies %s", got)
	}
}

func TestT45NoWayOfPrintingShowsASecret(t *testing.T) {
	vars := full()
	vars["HUB_ENV"], vars["HUB_DEMO_PASSWORD"] = "development", "canary-demo"
	c, err := Load(getenv(vars))
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("config", "config", c)
	slog.New(slog.NewTextHandler(&log, nil)).Info("config", "config", c)
	for way, text := range map[string]string{
		"String": c.String(), "%v": fmt.Sprintf("%v", c), "%+v": fmt.Sprintf("%+v", &c),
		"%#v": fmt.Sprintf("%#v", c), "slog": log.String(),
	} {
		if strings.Contains(text, "canary") {
			t.Errorf("%s shows a secret: %s", way, text)
		}
		for _, s := range Table() {
			if !strings.Contains(text, s.Name) {
				t.Errorf("%s does not name %s", way, s.Name)
			}
		}
	}
	if !strings.Contains(c.String(), "HUB_DATABASE_URL=postgres://db:5432/hub\n") {
		t.Errorf("the database should be named without its password:\n%s", c)
	}
}

func TestEveryMistakeHasItsSentence(t *testing.T) {
	for _, c := range []struct {
		name string
		vars map[string]string
		want string
	}{
		{"no port", map[string]string{"HUB_ADDR": "localhost"}, `HUB_ADDR is "localhost", which is not an address such as 127.0.0.1:8080.`},
		{"a port that is none", map[string]string{"HUB_ADDR": ":99999"}, `HUB_ADDR is ":99999", which is not an address such as 127.0.0.1:8080.`},
		{"metrics on the public address", map[string]string{"HUB_METRICS_ADDR": "127.0.0.1:8080"}, "HUB_METRICS_ADDR is the same as HUB_ADDR; metrics must not be public."},
		{"another database", map[string]string{"HUB_DATABASE_URL": "mysql://u:p@h/d"}, "HUB_DATABASE_URL is not a URL that begins with postgres:// or postgresql://."},
		{"a broken URL", map[string]string{"HUB_REDIS_URL": "redis://h:p:q:%zz"}, "HUB_REDIS_URL is not a URL that begins with redis:// or rediss:// or unix://."},
		{"a URL without host", map[string]string{"HUB_MEILI_URL": "http://"}, "HUB_MEILI_URL is not a URL that begins with http:// or https://."},
		{"a key for nothing", map[string]string{"HUB_MEILI_KEY": "k"}, "HUB_MEILI_KEY is set without HUB_MEILI_URL."},
		{"an endpoint without model", map[string]string{"HUB_LLM_BASE_URL": "http://llm/v1"}, "HUB_LLM_BASE_URL is set without HUB_LLM_MODEL or HUB_EMBED_MODEL."},
		{"a model without endpoint", map[string]string{"HUB_LLM_MODEL": "m"}, "HUB_LLM_MODEL is set without HUB_LLM_BASE_URL."},
		{"an unknown kind of installation", map[string]string{"HUB_ENV": "prod"}, `HUB_ENV is "prod"; it must be development or production.`},
		{"a proxy that is none", map[string]string{"HUB_TRUSTED_PROXIES": "10.0.0.1,nginx"}, `HUB_TRUSTED_PROXIES has "nginx", which is neither an address nor a network such as 10.0.0.0/8.`},
		{"T08 everybody as proxy", map[string]string{"HUB_TRUSTED_PROXIES": "0.0.0.0/0"}, `HUB_TRUSTED_PROXIES has "0.0.0.0/0": everybody could choose the address they seem to come from.`},
		{"a public URL with a path", map[string]string{"HUB_PUBLIC_URL": "https://a.cn/chat"}, "HUB_PUBLIC_URL must be a scheme and a host only, such as https://kefu.example.cn."},
		{"a telephone that is none", map[string]string{"HUB_EMERGENCY_PHONE": "call us"}, `HUB_EMERGENCY_PHONE is "call us", which is not a telephone number.`},
		{"12345 from nowhere in particular", production("HUB_HOTLINE12345_ALLOW", ""), "HUB_HOTLINE12345_ALLOW is missing; production must know from where 12345 pushes."},
		{"12345 from an address that is none", production("HUB_HOTLINE12345_ALLOW", "city"), `HUB_HOTLINE12345_ALLOW has "city", which is neither an address nor a network such as 10.0.0.0/8.`},
		{"a key anybody guesses", production("HUB_HOTLINE12345_SECRET", "12345"), "HUB_HOTLINE12345_SECRET has 5 characters; production needs at least 16."},
		{"12345 told without a key", map[string]string{"HUB_HOTLINE12345_URL": "https://city.example.cn"}, "HUB_HOTLINE12345_URL is set without HUB_HOTLINE12345_SECRET."},
		{"addresses for nothing", map[string]string{"HUB_HOTLINE12345_ALLOW": "10.0.0.1"}, "HUB_HOTLINE12345_ALLOW is set without HUB_HOTLINE12345_SECRET."},
		{"demo people in production", production("HUB_DEMO_PASSWORD", "demo"), "HUB_DEMO_PASSWORD is set, but production has no demo people."},
		{"production without address", production("HUB_PUBLIC_URL", ""), "HUB_PUBLIC_URL is missing; production must know its own address."},
		{"production without TLS", production("HUB_PUBLIC_URL", "http://a.cn"), "HUB_PUBLIC_URL must begin with https:// in production."},
		{"T71 a model nobody filed", production("HUB_LLM_FILING", ""), "HUB_LLM_FILING is missing; production must show name and filing number of its model."},
		{"an open search engine", production("HUB_MEILI_KEY", ""), "HUB_MEILI_KEY is missing; production must not use Meilisearch without a key."},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load(getenv(c.vars))
			if err == nil || err.Error() != c.want {
				t.Errorf("Load: %v\nwant: %s", err, c.want)
			}
		})
	}
}

// production is the full one with one thing changed.
func production(name, value string) map[string]string {
	vars := full()
	vars[name] = value
	return vars
}

func TestAllMistakesAreNamedAtOnce(t *testing.T) {
	_, err := Load(getenv(map[string]string{
		"HUB_ADDR": "x", "HUB_ENV": "production", "HUB_DEMO_PASSWORD": "canary", "HUB_DATABASE_URL": "canary",
		"HUB_TRUSTED_PROXIES": "a,b",
	}))
	if err == nil {
		t.Fatal("Load found nothing wrong")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 6 {
		t.Errorf("%d mistakes, want 6:\n%v", len(lines), err)
	}
	for _, name := range []string{"HUB_ADDR", "HUB_DEMO_PASSWORD", "HUB_DATABASE_URL", "HUB_TRUSTED_PROXIES", "HUB_PUBLIC_URL"} {
		if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, name) }) {
			t.Errorf("%s is not named:\n%v", name, err)
		}
	}
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("a secret is repeated:\n%v", err)
	}
}

func TestTheReadmeNamesEverySetting(t *testing.T) {
	for _, s := range Table() {
		if !strings.HasPrefix(s.Name, "HUB_") || s.Doc == "" {
			t.Errorf("%+v has no name or says nothing", s)
		}
	}
	readme, err := os.ReadFile("../../README.md")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("there is no README yet")
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range Table() {
		if !strings.Contains(string(readme), s.Name) {
			t.Errorf("README.md does not name %s", s.Name)
		}
	}
}
