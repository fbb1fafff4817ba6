import type { businessAlertNames } from "../../../components/monitoring/rules/business.js";
import type { Proof } from "../proof.js";

export const businessProofs: Readonly<Record<(typeof businessAlertNames)[number], Proof>> = {
  BusinessMetricHigh: {
    fires: {
      series: { 'stock{service="shop",pod="shop-1"}': "501x60", 'stock{service="shop",pod="shop-2"}': "400x60" },
      at: 15,
      labels: { environment: "production", metric: "stock", service: "shop", severity: "critical" },
      summary: "stock of shop: more than 500",
      description: "stock of shop is at 501.",
    },
    quiet: {
      series: { 'stock{service="shop",pod="shop-1"}': "500x60", 'stock{service="shop",pod="shop-2"}': "400x60" },
      until: 25,
    },
  },
  BusinessMetricLow: {
    fires: {
      series: { 'orders_total{service="shop",pod="shop-1"}': "0+0.15x200" },
      at: 90,
      labels: { environment: "production", metric: "orders_total", service: "shop", severity: "warning" },
      summary: "Orders of shop: less than 10 orders",
      description: "Orders of shop is at 9 orders an hour.",
    },
    quiet: { series: { 'orders_total{service="shop",pod="shop-1"}': "0+0.17x200" }, until: 190 },
  },
};
