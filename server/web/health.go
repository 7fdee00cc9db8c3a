package web

import (
	"context"
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// meters are what the site counts about itself.
type meters struct {
	requests *prometheus.HistogramVec
	streams  prometheus.Gauge
}

func newMeters(r *prometheus.Registry) *meters {
	m := &meters{
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_request_duration_seconds", Help: "Time from the request to its answer.",
			Buckets: []float64{.005, .02, .05, .1, .25, .5, 1, 3, 10},
		}, []string{"method", "route", "status"}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "http_streams_open", Help: "Event streams that are open.",
		}),
	}
	r.MustRegister(m.requests, m.streams)
	return m
}

// health is what machines ask: alive, ready, and how it goes. The figures
// are not for the public (T28).
func (s *Site) health(app fiber.Router) {
	app.Get("/healthz", func(c *fiber.Ctx) error {
		return c.JSON(fiber.Map{"alive": true})
	})
	app.Get("/readyz", s.readyz)
	if !s.Options.Production {
		app.Get("/metrics", adaptor.HTTPHandler(promhttp.HandlerFor(s.Metrics, promhttp.HandlerOpts{})))
	}
}

// readyWithin is how long the parts have to say that they are there.
const readyWithin = 2 * time.Second

func (s *Site) readyz(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), readyWithin)
	defer cancel()
	if err := s.Ready(ctx); err != nil {
		return errors.Join(fiber.ErrServiceUnavailable, err)
	}
	return c.JSON(fiber.Map{"ready": true})
}
