"""That every suite tells a good table from a bad one, and never speaks of a row."""

import subprocess
import sys
from collections import Counter
from datetime import datetime
from functools import cache
from pathlib import Path

import duckdb
import pytest
import yaml

import expectations
from expectations import FOLDER, suite, suite_notes, validate
from expectations.profiles import (
    CODE_LISTS,
    FEWEST_ROWS,
    TIMES,
    Profile,
    code_list_of,
    codes,
    profile_of_batch,
    profile_of_table,
)
from orchestration.contracts import Column, Feed, feeds

PROJECT = Path(__file__).resolve().parent.parent
MARTS = PROJECT / "dbt_project" / "models" / "marts"
NOW = datetime(2026, 7, 1)
SUITES = sorted(suite_notes())
RAW = [name for name in SUITES if name.startswith("raw.")]
PROVENANCE = "_file", "_batch", "_first_row", "_row_number", "_unparsed_line"

# What Great Expectations can say of rows, and dbt says here.
ROW_RULES = {
    "expect_column_to_exist",
    "expect_column_values_to_be_in_set",
    "expect_column_values_to_be_in_type_list",
    "expect_column_values_to_be_null",
    "expect_column_values_to_be_of_type",
    "expect_column_values_to_be_unique",
    "expect_column_values_to_match_like_pattern",
    "expect_column_values_to_match_like_pattern_list",
    "expect_column_values_to_match_regex",
    "expect_column_values_to_match_regex_list",
    "expect_column_values_to_not_be_in_set",
    "expect_column_values_to_not_be_null",
    "expect_column_distinct_values_to_be_in_set",
    "expect_column_distinct_values_to_equal_set",
    "expect_column_distinct_values_to_contain_set",
    "expect_column_value_lengths_to_be_between",
    "expect_column_value_lengths_to_equal",
    "expect_column_pair_values_a_to_be_greater_than_b",
    "expect_column_pair_values_to_be_equal",
    "expect_column_pair_values_to_be_in_set",
    "expect_compound_columns_to_be_unique",
    "expect_multicolumn_sum_to_equal",
    "expect_query_results_to_match_comparison",
    "expect_select_column_values_to_be_unique_within_record",
    "expect_table_columns_to_match_ordered_list",
    "expect_table_columns_to_match_set",
    "unexpected_rows_expectation",
}

# A time of June 2026, and the same in days since 1970, which is one of January 1970.
NEWEST, IN_DAYS = 1_782_835_140, 20_635

# {suite: {metric: (good, too low, too high)}}. A metric's drift is judged against three
# good profiles; None: there is no such side.
EXAMPLES = {
    "raw.crm_contacts": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "is_decision_maker__mean": (0.3, 0, 1),
        "phone__null_share": (0.1, None, 0.9),
        "email__null_share": (0.1, None, 0.9),
    },
    "raw.crm_contracts": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "starts_on__newest": (NEWEST, IN_DAYS, None),
        "amount__mean": (50_000, 500, 5_000_000),
        "amount__null_share": (0.1, None, 0.9),
        "terminated_at__null_share": (0.9, 0.1, None),
        "renewed_from_id__null_share": (0.4, None, 1),
    },
    "raw.crm_customers": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "created_at__newest": (NEWEST, IN_DAYS, None),
        "customer_type__share__company": (0.1, 0.01, 0.9),
        "id_in_shop__null_share": (0.1, None, 0.9),
        "status__share__terminated": (0.1, None, 0.8),
    },
    "raw.crm_erasure_requests": {
        "row_count": (30, None, 1000),
        "unparsed_share": (0.49, None, 0.5),
        "requested_at__newest": (NEWEST, IN_DAYS, None),
    },
    "raw.crm_identity_decisions": {
        "row_count": (30, None, 1000),
        "unparsed_share": (0.49, None, 0.5),
        "decided_at__newest": (NEWEST, IN_DAYS, None),
    },
    "raw.crm_interactions": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "planned_at__newest": (NEWEST, IN_DAYS, None),
        "duration_minutes__mean": (20, 0.3, 1200),
        "done_at__null_share": (0.1, None, 0.9),
        "purpose__share__complaint": (0.05, None, 0.4),
    },
    "raw.crm_measures": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "measured_on__newest": (NEWEST, IN_DAYS, None),
        "value__mean": (40, 0.4, 4000),
        "value__stddev": (12, 0, None),
    },
    "raw.crm_opportunities": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "opened_at__newest": (NEWEST, IN_DAYS, None),
        "amount__mean": (50_000, 50, 5_000_000),
        "stage__share__won": (0.15, 0, 1),
        "stage__share__lost": (0.15, 0, 1),
        "closed_at__null_share": (0.15, None, 1),
    },
    "raw.crm_staff": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "role__share__account_manager": (0.6, 0, None),
        "weekly_capacity__mean": (30, 0.5, 1600),
        "cost_per_hour__mean": (110, 10, 18_000),
        "left_on__null_share": (0.9, 0, None),
    },
    "raw.crm_staff_training": {
        "unparsed_share": (0.49, None, 0.5),
        "completed_at__newest": (NEWEST, IN_DAYS, None),
        "score__mean": (80, 4, 800),
    },
    "raw.crm_tier_overrides": {
        "row_count": (30, None, 900),
        "unparsed_share": (0.49, None, 0.5),
        "valid_from__newest": (NEWEST, IN_DAYS, None),
    },
    "raw.crm_worklist_results": {
        "unparsed_share": (0.49, None, 0.5),
        "done_at__newest": (NEWEST, IN_DAYS, None),
        "outcome__share__no_answer": (0.15, None, 1),
        "outcome__share__rejected": (0.1, None, 0.7),
        "staff_id__null_share": (0.02, None, 1),
    },
    "raw.finance_exchange_rates": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "rate_date__newest": (NEWEST, IN_DAYS, None),
        "currency__distinct_count": (5, 2, None),
        "rate_to_base__mean": (7.5, 0.13, 750),
    },
    "raw.finance_invoices": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "issued_on__newest": (NEWEST, IN_DAYS, None),
        "amount__mean": (40_000, 400, 4_000_000),
        "paid_on__null_share": (0.2, None, 1),
        "paid_amount__mean": (40_000, 4000, 4_000_000),
    },
    "raw.loyalty_benefits": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "granted_at__newest": (NEWEST, IN_DAYS, None),
        "cost__mean": (30, 0.3, 3000),
        "used_at__null_share": (0.3, None, 1),
    },
    "raw.loyalty_points": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "moved_at__newest": (NEWEST, IN_DAYS, None),
        "points__stddev": (120, 1.2, 12_000),
        "kind__share__earn": (0.8, 0, None),
        "kind__share__redeem": (0.1, None, 0.8),
        "kind__share__expire": (0.08, None, 0.8),
        "kind__share__adjust": (0.02, None, 0.5),
    },
    "raw.marketing_campaigns": {
        "unparsed_share": (0.49, None, 0.5),
        "started_on__newest": (NEWEST, IN_DAYS, None),
        "budget__mean": (5000, 5, 500_000),
        "actual_cost__mean": (4800, 4.8, 480_000),
        "attribution_days__mean": (20, 0.8, 480),
    },
    "raw.marketing_spend": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "spend__mean": (2300, 2.3, 27_600),
        "purpose__share__acquisition": (0.15, 0, 1),
    },
    "raw.marketing_touches": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "sent_at__newest": (NEWEST, IN_DAYS, None),
        "arm__share__treated": (0.9, 0.04, None),
        "arm__share__holdout": (0.1, 0, None),
        "bounced_at__null_share": (0.97, 0.1, None),
        "unsubscribed_at__null_share": (0.99, 0.5, None),
        "cost__mean": (0.08, 0, 5000),
    },
    "raw.online_retail_sales": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "InvoiceDate__newest": (NEWEST, IN_DAYS, None),
        "Quantity__mean": (9.6, -9, 90),
        "UnitPrice__mean": (4.6, 0.05, 460),
        "CustomerID__null_share": (0.25, None, 1),
    },
    "raw.service_feedback_actions": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "decided_at__newest": (NEWEST, IN_DAYS, None),
        "subject_type__share__survey": (0.15, 0, 1),
        "theme__null_share": (0.1, None, 1),
        "done_at__null_share": (0.3, None, 1),
        "told_customer_at__null_share": (0.4, None, 1),
    },
    "raw.service_tickets": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "opened_at__newest": (NEWEST, IN_DAYS, None),
        "kind__share__complaint": (0.1, None, 0.9),
        "waiting_minutes__mean": (600, 10, 36_000),
        "handling_minutes__mean": (50, 1, 3000),
        "resolved_at__null_share": (0.1, None, 0.7),
    },
    "raw.service_training": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "invited_at__newest": (NEWEST, IN_DAYS, None),
        "mode__share__online": (0.15, 0, 1),
        "completed_at__null_share": (0.3, None, 1),
        "usefulness__mean": (4, 1, 8.1),
    },
    "raw.shop_activity": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "activity_date__newest": (NEWEST, IN_DAYS, None),
        "sessions__mean": (1.4, 0, 60),
        "page_views__mean": (9, 1, 90),
        "logins__mean": (0.8, 0, 40),
        "feature_uses__mean": (3, 0.3, 60),
        "product_category__null_share": (0.1, None, 1),
    },
    "raw.shop_order_lines": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "quantity__mean": (5, 0.5, 60),
        "unit_price__mean": (250, 2.5, 25_000),
        "returned_quantity__mean": (0.03, None, 0.9),
    },
    "raw.shop_orders": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "gross_amount__mean": (2500, 25, 20_260_630),
        "ordered_at__newest": (NEWEST, IN_DAYS, None),
        "source_customer_id__null_share": (0.02, None, 0.9),
        "status__share__cancelled": (0.05, None, 0.5),
    },
    "raw.survey_invitations": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "asked_at__newest": (NEWEST, IN_DAYS, None),
        "source_customer_id__null_share": (0.05, None, 0.9),
    },
    "raw.survey_responses": {
        "row_count": (400, 40, 4000),
        "unparsed_share": (0.49, None, 0.5),
        "responded_at__newest": (NEWEST, IN_DAYS, None),
        "score__mean": (4, 1, 8.1),
        "score__stddev": (1.2, 0, None),
        "survey_type__share__nps": (0.15, 0, 1),
    },
    "raw.tierkeeper_decisions": {
        "unparsed_share": (0.49, None, 0.5),
        "decided_on__newest": (NEWEST, IN_DAYS, None),
        "is_control__mean": (0.1, None, 1),
        "level__share__red": (0.1, None, 1),
        "owner_staff_id__null_share": (0.1, None, 1),
        "expected_loss_amount__mean": (3000, 30, 300_000),
    },
    "raw.tierkeeper_links": {
        "unparsed_share": (0.49, None, 0.5),
        "serves_from__newest": (NEWEST, IN_DAYS, None),
        "match_probability__mean": (0.97, 0.4, None),
    },
    "raw.tierkeeper_link_weights": {
        "unparsed_share": (0.49, None, 0.5),
        "serves_from__newest": (NEWEST, IN_DAYS, None),
    },
    "raw.tierkeeper_models": {
        "unparsed_share": (0.49, None, 0.5),
        "serves_from__newest": (NEWEST, IN_DAYS, None),
    },
    "marts.account_tasks": {
        "row_count": (267, 50, 1000),
        "is_overdue__mean": (0.78, None, 0.95),
        "owner_staff_id__null_share": (0.2, None, 0.9),
    },
    "marts.base_customers": {
        "row_count": (830, 400, 1660),
        "is_base__mean": (0.23, 0.1, 0.9),
        "criteria_unknown_count__mean": (1.8, None, 4),
        "owner_staff_id__null_share": (0.28, None, 0.9),
    },
    "marts.care_calendar": {
        "row_count": (60, 5, 700),
        "is_missed__mean": (0.3, None, 0.7),
        "owner_staff_id__null_share": (0.2, None, 0.9),
    },
    "marts.churn_decisions": {
        "row_count": (690, 340, 1380),
    },
    "marts.churn_indicators": {
        "row_count": (1120, 560, 2240),
        "indicator_code__distinct_count": (8, 3, None),
        "level_fired__null_share": (0.72, 0.3, 1),
        "level_fired__share__red": (0.06, None, 0.5),
    },
    "marts.churn_warnings": {
        "row_count": (680, 600, 1360),
        "level__share__red": (0.2, None, 0.9),
        "is_control__mean": (0.1, 0, 1),
        "is_overdue__mean": (0.1, None, 0.6),
        "owner_staff_id__null_share": (0.1, None, 0.9),
        "expected_loss_amount__mean": (1270, 12, 127_000),
    },
    "marts.churn_worklist": {
        "row_count": (61, 6, 610),
        "level__share__red": (0.2, None, 0.9),
        "is_overdue__mean": (0.1, None, 0.6),
        "owner_staff_id__null_share": (0.13, None, 0.9),
        "expected_loss_amount__mean": (1280, 12, 128_000),
    },
    "marts.customer_identities": {
        "row_count": (78, 60, 130),
        "customer_key__distinct_count": (41, 3, 78),
        "is_in_crm__mean": (0.4, 0.1, 0.9),
    },
    "marts.customer_opportunity_lists": {
        "row_count": (325, 90, 1000),
        "list_code__share__second_purchase": (0.25, 0.05, 0.8),
        "list_code__share__about_to_fall": (0.1, None, 0.5),
        "has_address__mean": (0.8, 0.4, None),
    },
    "marts.customer_tags": {
        "row_count": (8_000, 5_000, 13_000),
        "tag_code__distinct_count": (37, 20, None),
    },
    "marts.customer_tiers": {
        "row_count": (37_600, 18_000, 75_000),
        "tier_code__share__diamond": (0.05, 0.01, 0.13),
        "reason_code__share__held": (0.04, None, 0.2),
        "reason_code__share__demoted": (0.017, None, 0.1),
        "score__mean": (41, 20, 80),
        "value_points__mean": (31, 10, 60),
    },
    "marts.customers": {
        "row_count": (43, 21, 86),
        "record_count__max": (2, None, 30),
        "is_inferred__mean": (0.07, None, 0.5),
        "region__null_share": (0.07, None, 1),
        "has_marketing_consent__mean": (0.6, 0, 1),
        "order_count__mean": (8.4, 4, 16.8),
        "net_revenue_amount__mean": (25_000, 12_500, 50_000),
        "tier_code__share__diamond": (0.05, 0.01, 0.15),
        "lifecycle_stage__share__lost": (0.2, None, 0.5),
        "warning_level__null_share": (0.9, 0.3, None),
    },
    "marts.customers_by_month": {
        "row_count": (44_200, 22_000, 88_000),
        "is_active__mean": (0.25, 0.1, 0.5),
        "lifecycle_stage__share__lost": (0.31, None, 0.6),
        "tier_code__null_share": (0.15, None, 0.9),
        "net_revenue_amount__mean": (172, 86, 344),
        "owner_staff_id__null_share": (0.5, None, 1),
    },
    "marts.feedback_loop": {
        "row_count": (58, 29, 116),
        "status__share__told": (0.22, 0, None),
        "is_overdue__mean": (0.55, None, 0.9),
        "is_closed_in_time__mean": (0.22, 0.1, None),
        "owner_staff_id__null_share": (0.05, None, 0.5),
    },
    "marts.follow_up_plan": {
        "row_count": (200, 100, 400),
        "has_owner__mean": (0.95, 0.5, None),
        "is_overdue__mean": (0.5, None, 0.9),
        "cadence_days__mean": (123, 60, 246),
    },
    "marts.interactions": {
        "row_count": (119, 60, 240),
        "is_done__mean": (0.7, 0.3, 1),
        "duration_minutes__mean": (20, 0.3, 1200),
    },
    "marts.kpi_scorecard": {
        "row_count": (14, 7, 28),
        "value__null_share": (0.1, None, 0.6),
        "target__null_share": (0.3, None, 1),
    },
    "marts.kpi_values": {
        "row_count": (814, 0, 1628),
        "kpi_code__distinct_count": (7, 4, None),
        "value__null_share": (0.05, None, 0.6),
        "n__mean": (7.4, 3, 15),
    },
    "marts.lost_customers": {
        "row_count": (1180, 590, 2360),
        "loss_kind__share__terminated": (0.07, 0.01, 0.5),
        "value_lost_amount__mean": (1690, 600, 4000),
        "is_won_back__mean": (0.24, 0.05, 0.6),
        "owner_staff_id__null_share": (0.6, None, 1),
    },
    "marts.order_lines": {
        "row_count": (747, 600, 1494),
        "product_id__distinct_count": (15, 5, 60),
        "quantity__mean": (5, 2, 60),
        "line_amount__mean": (1400, 700, 2800),
    },
    "marts.orders": {
        "row_count": (376, 0, 752),
        "customer_key__null_share": (0.02, None, 1),
        "missing_amount_reason__null_share": (1, 0.4, None),
        "counts_as_purchase__mean": (0.98, 0.1, None),
        "net_amount__mean": (2600, 1300, 5200),
    },
    "marts.service_levels": {
        "row_count": (52, 26, 104),
        "ticket_count__mean": (12, 6, 24),
        "response_share__mean": (0.79, 0.4, 1),
        "resolution_share__mean": (0.67, 0.4, 1),
        "median_first_response_hours__mean": (9.5, 2, 30),
    },
    "marts.service_tickets": {
        "row_count": (59, 30, 118),
        "is_open__mean": (0.07, None, 0.5),
        "waiting_minutes__mean": (580, 9, 35_000),
    },
    "marts.survey_responses": {
        "row_count": (94, 47, 188),
        "customer_key__null_share": (0.02, None, 0.6),
        "score_share__mean": (0.7, 0.4, 0.98),
    },
    "marts.churn_backtest": {
        "row_count": (4_000, 2_000, 8_000),
        "lost_count__mean": (90, 45, 180),
    },
    "marts.churn_calibration": {
        "row_count": (390, 190, 780),
        "foretold_share__mean": (0.25, 0.1, 0.6),
        "lost_share__mean": (0.25, 0.1, 0.6),
    },
    "marts.churn_renewal_backtest": {
        "row_count": (125, 60, 250),
        "customer_count__mean": (17, 8, 34),
        "foretold_share__mean": (0.15, 0.05, 0.4),
    },
    "marts.churn_reasons": {
        "row_count": (600, 300, 1200),
        "stated_count__mean": (1, 0.2, None),
        "value_lost_amount__mean": (3_000, 900, 9_000),
    },
    "marts.churn_warning_effect": {
        "row_count": (12, 6, None),
        "control_count__mean": (9, 0.5, None),
    },
    "marts.competitor_pressure": {
        "row_count": (80, 40, 160),
        "ticket_count__mean": (2, 0.5, None),
    },
    "marts.churn_scores": {
        "row_count": (38_500, 19_000, 77_000),
        "is_eligible__mean": (0.5, 0.2, 0.9),
        "churn_probability__mean": (0.25, 0.1, 0.6),
        "value_at_risk_amount__mean": (300, 100, 900),
    },
    "marts.customer_attributes": {
        "row_count": (90, 45, 180),
        "is_conflicting__mean": (0.2, None, 0.9),
        "teller_count__max": (4, None, 40),
    },
    "marts.customer_contacts": {
        "row_count": (450, 220, 900),
        "customer_key__null_share": (0.02, None, 0.2),
        "has_marketing_consent__mean": (0.6, 0.2, 1),
    },
    "marts.customer_coverage": {
        "customer_share__mean": (0.5, 0.2, 0.9),
        "customer_count__null_share": (0.1, None, 0.5),
        "conflicting_customer_count__mean": (12, None, 120),
    },
    "marts.customers_history": {
        "row_count": (2501, 1200, 5000),
        "is_current__mean": (0.86, 0.4, None),
    },
    "marts.source_tier_reconciliation": {
        "row_count": (25, 12, 50),
        "is_mapped__mean": (0.8, 0.4, None),
    },
    "marts.tier_changes": {
        "row_count": (3460, 1700, 7000),
        "is_override__mean": (0.001, None, 0.3),
        "reason_code__share__demoted": (0.17, 0.05, 0.4),
        "reason_code__share__promoted": (0.3, 0.1, 0.6),
    },
    "marts.tier_entitlements": {
        "row_count": (1_820, 900, 3_600),
        "spent_amount__mean": (6.2, 1, 20),
        "budget_amount__mean": (120, 50, 300),
        "strategy_code__share__win_back": (0.4, None, 0.7),
    },
    "marts.tier_fairness": {
        "row_count": (3042, 1500, 6000),
        "is_enough__mean": (0.55, 0.2, None),
        "is_flagged__mean": (0.001, None, 0.2),
    },
    "marts.tier_overrides": {
        "row_count": (5, None, 51),
        "is_approver_known__mean": (0.98, 0.8, None),
        "status_code__share__no_effect": (0.02, None, 0.3),
        "direction__share__lower": (0.05, None, 0.6),
    },
    "marts.tier_resource_balance": {
        "row_count": (450, 220, 900),
        "service_count__mean": (40, 20, 80),
        "cost_amount__null_share": (0.02, None, 0.6),
    },
    "marts.tier_migration": {
        "row_count": (553, 270, 1100),
        "customer_count__mean": (64, 32, 128),
        "is_downgrade__mean": (0.16, None, 0.5),
    },
    "quality.quarantined_rows": {"row_count": (9, None, 90)},
    "quality.row_conservation": {
        "row_count": (10, None, None),
        "quarantined_count__share": (0.006, None, 0.6),
    },
}
GOOD, LOW, HIGH = range(3)
# What an empty table is; every other may be empty. No firm's night lacks the critical.
EMPTINESS = {
    "marts.kpi_values": "critical",
    "marts.orders": "warning",
    "quality.row_conservation": "critical",
    **{
        f"raw.{feed.table}": "critical" for feed in feeds().values() if feed.is_required
    },
}
# All that blocks, beside `unparsed_share` of a batch: a new line here needs a reason
# that holds for any firm, and for a delivery of one row.
HARD_BOUNDS = {
    **{name: {"row_count"} for name, how in EMPTINESS.items() if how == "critical"},
    "quality.row_conservation": {"row_count", "quarantined_count__share"},
}


def profile_of(name: str, metrics: dict) -> Profile:
    return Profile(name, "", "", NOW, metrics)


def example(name: str, side: int) -> Profile:
    metrics = {metric: values[side] for metric, values in EXAMPLES[name].items()}
    return profile_of(name, {"row_count": FEWEST_ROWS} | metrics)


@cache
def judged(name: str, side: int) -> list[expectations.Finding]:
    return validate(name, example(name, side), [example(name, GOOD)] * 3).findings


@cache
def of_an_empty_table(name: str) -> list[expectations.Finding]:
    return validate(name, profile_of(name, {"row_count": 0}), []).findings


def kwargs_of(name: str) -> list[dict]:
    return [
        expectation.configuration.kwargs for expectation in suite(name).expectations
    ]


def path_of(name: str) -> Path:
    return FOLDER / f"{name.replace('.', '_', 1)}.py"


# --- every suite ---------------------------------------------------------------------


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_has_an_example_of_all_that_it_watches(name):
    watched = {kwargs["column"].removesuffix("__drift") for kwargs in kwargs_of(name)}
    assert watched == EXAMPLES.get(name, {}).keys()


@pytest.mark.parametrize("name", SUITES)
def test_a_good_table_passes_its_suite(name):
    found = judged(name, GOOD)
    assert len(found) == len(suite(name).expectations)
    assert [finding.sentence() for finding in found if not finding.is_success] == []
    assert "missing" not in {finding.observed for finding in found}


@pytest.mark.parametrize(("side", "bound"), [(LOW, "min_value"), (HIGH, "max_value")])
@pytest.mark.parametrize("name", SUITES)
def test_a_bad_table_fails_every_expectation_of_its_suite(name, side, bound):
    bounded = Counter(
        (kwargs["column"], expectations.bounds(kwargs))
        for kwargs in kwargs_of(name)
        if kwargs.get(bound) is not None and kwargs["column"] != "row_count"
    )
    failed = Counter(
        (finding.metric, finding.expected)
        for finding in judged(name, side)
        if not finding.is_success and finding.metric != "row_count"
    )
    assert failed == bounded
    # And what the example calls bad has a bound.
    assert {metric.removesuffix("__drift") for metric, _ in failed} == {
        metric for metric, values in EXAMPLES[name].items() if values[side] is not None
    }


@pytest.mark.parametrize("name", SUITES)
def test_a_metric_that_the_profile_lacks_breaks_nothing(name):
    lacking = [each for each in of_an_empty_table(name) if each.metric != "row_count"]
    assert {finding.observed for finding in lacking} <= {"missing"}
    assert [finding.sentence() for finding in lacking if not finding.is_success] == []


@pytest.mark.parametrize("name", RAW)
def test_a_delivery_of_one_row_is_not_rejected(name):
    metrics = dict.fromkeys(EXAMPLES[name])
    metrics |= {"row_count": 1, "unparsed_share": 0, "gross_amount__mean": 5e9}
    assert validate(name, profile_of(name, metrics), []).blocks == []


@pytest.mark.parametrize("name", SUITES)
def test_only_what_no_firm_can_lack_may_not_be_empty(name):
    broken = [
        (finding.metric, finding.severity)
        for finding in of_an_empty_table(name)
        if not finding.is_success
    ]
    severity = EMPTINESS.get(name)
    assert broken == ([("row_count", severity)] if severity else [])


@pytest.mark.parametrize("name", RAW)
def test_a_batch_half_unreadable_is_rejected(name):
    (found,) = (each for each in judged(name, HIGH) if each.metric == "unparsed_share")
    assert (found.severity, found.is_success) == ("critical", False)
    assert found.sentence().startswith(
        "unparsed_share is 0.5, expected less than 0.5. Half of the lines unreadable"
    )


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_is_named_like_its_file_and_a_table_that_exists(name):
    schema, table = name.split(".")
    declared = {
        "raw": {feed.table for feed in feeds().values()},
        "quality": {path.stem for path in MARTS.glob("quality/*.sql")},
        "marts": {path.stem for path in MARTS.glob("*/*.sql")}
        - {path.stem for path in MARTS.glob("quality/*.sql")},
    }
    assert suite(name).name == name
    assert table in declared[schema]


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_names_only_metrics_that_its_table_has(name, tmp_path):
    metrics = empty_profile(name, tmp_path).metrics.keys()
    named = {kwargs["column"].removesuffix("__drift") for kwargs in kwargs_of(name)}
    assert named - metrics == set()


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_is_one_sentence_and_gives_the_reason_of_each_bound(name):
    notes = suite_notes()[name]
    assert notes.endswith(".") and "\n" not in notes and notes.count(". ") == 0
    reasons = [expectation.notes or "" for expectation in suite(name).expectations]
    assert [reason for reason in reasons if not reason.endswith(".")] == []


@pytest.mark.parametrize("name", SUITES)
def test_no_suite_repeats_a_row_rule(name):
    used = {expectation.expectation_type for expectation in suite(name).expectations}
    assert used & ROW_RULES == set()


@pytest.mark.parametrize("name", SUITES)
def test_no_suite_says_a_row_rule_by_the_extremes_or_nulls_of_a_column(name):
    """A bound on the least or greatest value, or no null at all, speaks of each row."""
    disguised = [
        kwargs["column"]
        for kwargs in kwargs_of(name)
        if kwargs["column"].endswith(("__min", "__max"))
        or (kwargs["column"].endswith("__null_share") and kwargs.get("max_value") == 0)
    ]
    assert disguised == []


@pytest.mark.parametrize("name", SUITES)
def test_only_the_few_hard_bounds_block_and_never_a_drift(name):
    blocking = [
        expectation.column
        for expectation in suite(name).expectations
        if expectation.severity.value == "critical"
    ]
    expected = HARD_BOUNDS.get(name, set()) | ({"unparsed_share"} & {*blocking})
    assert sorted(blocking) == sorted(expected)


def test_every_feed_has_a_suite():
    assert {f"raw.{feed.table}" for feed in feeds().values()} == set(RAW)


def test_every_family_of_marts_has_a_suite():
    families = {path.parent.name for path in MARTS.glob("*/*.sql")}
    watched = {
        path.parent.name
        for path in MARTS.glob("*/*.sql")
        if {f"marts.{path.stem}", f"quality.{path.stem}"} & {*SUITES}
    }
    assert watched == families


@pytest.mark.parametrize("feed", feeds().values(), ids=lambda feed: feed.table)
def test_every_batch_is_asked_when_its_newest_event_was(feed):
    types = {column.name: column.type for column in feed.columns}
    expected = {f"{feed.event}__newest"} if types.get(feed.event) in TIMES else set()
    watched = {kwargs["column"] for kwargs in kwargs_of(f"raw.{feed.table}")}
    assert {metric for metric in watched if metric.endswith("__newest")} == expected


# --- drift ---------------------------------------------------------------------------


def orders(row_count: float) -> Profile:
    return profile_of("raw.shop_orders", {"row_count": row_count})


def test_drift_warns_and_does_not_block():
    result = validate("raw.shop_orders", orders(1000), [orders(100)] * 3)
    assert result.blocks == []
    assert [warning.split(",")[0] for warning in result.warns] == [
        "row_count__drift is 10"
    ]


def test_drift_needs_three_earlier_profiles_of_the_same_table():
    other = profile_of("raw.shop_order_lines", {"row_count": 100})
    earlier = [orders(100), orders(100), other]
    assert validate("raw.shop_orders", orders(1000), earlier).warns == []


def test_drift_is_the_metric_over_the_median_of_earlier_ones():
    row = orders(30).row([orders(1), orders(1000), orders(20)])
    assert row["row_count__drift"] == 1.5


def batch(rows: int, mean: float) -> Profile:
    return profile_of(
        "raw.shop_orders", {"row_count": rows, "gross_amount__mean": mean}
    )


def drift_of(metric: str, profile: Profile, earlier: list[Profile]) -> float | None:
    return profile.row(earlier)[f"{metric}__drift"]


def test_means_of_a_few_rows_do_not_drift_nor_are_they_what_is_usual():
    few, many = batch(FEWEST_ROWS - 1, 900), batch(FEWEST_ROWS, 100)
    assert drift_of("gross_amount__mean", many, [many] * 3) == 1
    assert drift_of("gross_amount__mean", few, [many] * 3) is None
    assert drift_of("gross_amount__mean", many, [many, many, few]) is None
    assert drift_of("gross_amount__mean", many, [few] * 9 + [many] * 3) == 1


def test_a_count_drifts_unless_it_is_small_and_always_was():
    few, many = batch(FEWEST_ROWS // 10, 1), batch(FEWEST_ROWS, 1)
    assert drift_of("row_count", few, [many] * 3) == 0.1
    assert drift_of("row_count", many, [few] * 3) == 10
    assert drift_of("row_count", few, [few] * 3) is None


def test_the_rows_of_a_mart_are_no_sample_so_few_of_them_drift_too():
    small = profile_of("marts.customers", {"row_count": 5, "order_count__mean": 2})
    assert drift_of("order_count__mean", small, [small] * 3) == 1
    assert drift_of("row_count", small, [small] * 3) == 1


def test_an_earlier_profile_without_the_metric_does_not_count():
    row = orders(30).row([orders(None), orders(20), orders(20)])
    assert row["row_count__drift"] is None


def test_nothing_drifts_from_a_usual_zero():
    assert orders(30).row([orders(0)] * 3)["row_count__drift"] is None


# --- a verdict -----------------------------------------------------------------------


def test_a_finding_says_what_was_found_what_was_expected_and_why():
    (block,) = validate("raw.shop_orders", orders(0), []).blocks
    assert block == (
        "row_count is 0, expected at least 1. An export without a row is a fault"
    )


def test_a_table_without_a_suite_has_nothing_to_fail():
    assert validate("raw.nobody_watches", orders(0), []).findings == []


def test_names_and_notes_are_read_without_loading_great_expectations():
    code = (
        "import sys, expectations\n"
        "print(len(expectations.suite_notes()), 'great_expectations' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True
    )
    assert run.stdout.split() == [str(len(SUITES)), "False"], run.stderr


def test_data_docs_name_each_suite_in_the_folder_that_was_asked_for(tmp_path):
    for cached in (expectations.context, expectations.batch_definition):
        cached.cache_clear()  # else every verdict of this module becomes a page
    expectations.definition.cache_clear()
    for folder, name in [("one", "raw.shop_orders"), ("two", "marts.orders")]:
        validate(name, example(name, GOOD), [])
        expectations.write_docs(tmp_path / folder)
        index = (tmp_path / folder / "index.html").read_text("utf-8")
        pages = (tmp_path / folder / "validations").rglob("*.html")
        assert name in index
        assert any("row_count" in page.read_text("utf-8") for page in pages)


# --- profiles ------------------------------------------------------------------------


def column(name: str, kind: str, **more) -> Column:
    known = {"is_required": False, "is_personal": False, "code_list": None}
    return Column(name=name, type=kind, **(known | more))


def profile_of_lines(
    folder: Path, columns: list[Column], lines: list[tuple]
) -> Profile:
    """Profile lines of text; a line is its values and, last, what was unreadable."""
    folder /= "o'brien"  # a quote in a path is no end of a string
    folder.mkdir()
    names = [f'"{each.name}"' for each in columns]
    marks = ", ".join("?" for _ in (*names, "_unparsed_line"))
    feed = Feed("shop_orders", "shop", "orders", None, tuple(columns), True, False)
    with duckdb.connect() as connection:
        typed = ", ".join(f"{name} varchar" for name in (*names, "_unparsed_line"))
        connection.execute(f"create table lines ({typed})")
        connection.executemany(f"insert into lines values ({marks})", lines)
        batch = folder / "batch.parquet"
        quoted = str(batch).replace("'", "''")
        connection.execute(f"copy lines to '{quoted}' (format parquet)")
        connection.execute("set TimeZone = 'UTC'")
        return profile_of_batch(
            connection, feed, batch, file="f.csv", batch="b", profiled_at=NOW
        )


def empty_profile(name: str, folder: Path) -> Profile:
    """The profile of a suite's table as it is declared, without a row."""
    schema, table = name.split(".")
    with duckdb.connect() as connection:
        if schema == "raw":
            (feed,) = (feed for feed in feeds().values() if feed.table == table)
            names = [*(each.name for each in feed.columns), *PROVENANCE]
            typed = ", ".join(f'"{each}" varchar' for each in names)
            connection.execute(f"create table batch ({typed})")
            path = folder / "batch.parquet"
            connection.execute(f"copy batch to '{path}' (format parquet)")
            return profile_of_batch(
                connection, feed, path, file="", batch="", profiled_at=NOW
            )
        (path,) = MARTS.glob(f"*/{table}.yml")
        (model,) = yaml.safe_load(path.read_text("utf-8"))["models"]
        typed = ", ".join(
            f"{each['name']} {each['data_type']}" for each in model["columns"]
        )
        connection.execute(f"create schema {schema}")
        connection.execute(f"create table {name} ({typed})")
        return profile_of_table(connection, schema, table, batch="", profiled_at=NOW)


def test_the_profile_of_a_batch_is_what_one_works_out_by_hand(tmp_path):
    profile = profile_of_lines(
        tmp_path,
        [
            column("order_id", "text"),
            column("ordered_at", "timestamp"),
            column("status", "code", code_list="order_status"),
            column("currency", "code", code_list="currency"),
            column("gross_amount", "money"),
            column("is_gift", "boolean"),
        ],
        [
            ("A", "2026-06-30T01:00:00+08:00", "paid", "CNY", "10", "true", None),
            ("B", "2026-06-29T12:00:00Z", "paid", "USD", "20.5", "false", None),
            ("C", "2026-13-40", "lost", "CNY", "12,50", "true", None),
            (None, None, None, None, None, None, "D;half a li"),
        ],
    )
    metrics = profile.metrics
    assert (profile.table, profile.file, profile.batch) == (
        "raw.shop_orders",
        "f.csv",
        "b",
    )
    assert metrics["row_count"] == 4
    assert metrics["order_id__null_share"] == 0.25
    # 2026-06-29 17:00 UTC: an offset is heeded, and a month 13 is no time.
    assert (
        metrics["ordered_at__newest"]
        == datetime.fromisoformat("2026-06-29T17:00:00+00:00").timestamp()
    )
    assert metrics["status__share__paid"] == 0.5
    assert metrics["status__share__cancelled"] == 0
    assert metrics["status__distinct_count"] == 2
    assert metrics["currency__distinct_count"] == 2
    assert metrics["gross_amount__null_share"] == 0.25  # delivered, if not a number
    assert metrics["gross_amount__mean"] == 15.25
    assert metrics["gross_amount__stddev"] == pytest.approx(7.4246212)
    assert (metrics["gross_amount__min"], metrics["gross_amount__max"]) == (10, 20.5)
    assert metrics["is_gift__mean"] == pytest.approx(2 / 3)
    # A list as long as that of currencies is profiled by its distinct count alone.
    assert "currency__share__CNY" not in metrics
    assert not {name for name in metrics if name.startswith(("order_id__d", "_"))}


def test_a_declared_column_that_was_not_delivered_has_no_metric(tmp_path):
    feed = Feed(
        "t", "s", "f", None, (column("a", "text"), column("b", "money")), False, False
    )
    with duckdb.connect() as connection:
        path = tmp_path / "batch.parquet"
        connection.execute(
            "copy (select 'x' as a, cast(null as varchar) as _unparsed_line) "
            f"to '{path}' (format parquet)"
        )
        profile = profile_of_batch(
            connection, feed, path, file="", batch="", profiled_at=NOW
        )
    assert profile.metrics == {
        "row_count": 1,
        "a__null_share": 0,
        "unparsed_share": None,
    }


@pytest.mark.parametrize(
    ("rows", "share"), [(1, None), (FEWEST_ROWS // 2, 0.5)], ids=["few", "enough"]
)
def test_unreadable_lines_judge_a_file_only_where_there_are_enough(
    tmp_path, rows, share
):
    lines = [("3", None)] * rows + [(None, "cut o")] * rows
    metrics = profile_of_lines(tmp_path, [column("amount", "money")], lines).metrics
    assert metrics["unparsed_share"] == share


@pytest.mark.parametrize("garbage", ["inf", "nan", "1e300", "-infinity", "1e400"])
def test_a_number_that_staging_sets_aside_does_not_move_the_mean(tmp_path, garbage):
    metrics = profile_of_lines(
        tmp_path,
        [column("amount", "money"), column("score", "decimal")],
        [("3", "4", None), (garbage, garbage, None), ("5", "6", None)],
    ).metrics
    assert (metrics["amount__mean"], metrics["score__mean"]) == (4, 5)


def test_a_time_without_end_is_not_the_newest(tmp_path):
    metrics = profile_of_lines(
        tmp_path,
        [column("ordered_at", "timestamp"), column("paid_on", "date")],
        [("infinity", "infinity", None), ("1970-01-02", "1970-01-03", None)],
    ).metrics
    assert metrics["ordered_at__newest"] == 86_400
    assert metrics["paid_on__newest"] == 2 * 86_400


def test_a_profile_holds_nothing_of_a_personal_column_but_how_often_it_is_empty(
    tmp_path,
):
    kinds = ["text", "code", "key", "money", "date", "timestamp", "boolean"]
    profile = profile_of_lines(
        tmp_path,
        [
            column(f"c_{kind}", kind, is_personal=True, code_list="direction")
            for kind in kinds
        ],
        [("张三", "in", "K1", "1", "1990-01-01", "1990-01-01", "true", None)]
        * FEWEST_ROWS,
    )
    assert profile.metrics.keys() == {
        "row_count",
        "unparsed_share",
        *(f"c_{kind}__null_share" for kind in kinds),
    }
    assert {type(value) for value in profile.metrics.values()} == {float}


def test_the_profile_of_a_table_is_what_one_works_out_by_hand():
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute("""
            create table marts.orders as
            select
                *,
                cast(ordered_at as date) + 1 as ordered_on
            from (values
                ('k1', 'A*', 10.00, 1, true, timestamp '1970-01-02'),
                ('k2', null, 30.00, 2, false, null),
                ('k2', 'B*', null, 6, true, timestamp '1970-01-01')
            ) as orders (
                customer_key, customer_name_masked, net_amount, line_number, is_open,
                ordered_at
            )
        """)
        profile = profile_of_table(
            connection, "marts", "orders", batch="night", profiled_at=NOW
        )
    assert (profile.table, profile.file, profile.batch) == ("marts.orders", "", "night")
    assert profile.metrics == {
        "row_count": 3,
        "customer_key__null_share": 0,
        "customer_key__distinct_count": 2,
        "customer_name_masked__null_share": pytest.approx(1 / 3),
        "net_amount__null_share": pytest.approx(1 / 3),
        "net_amount__mean": 20,
        "net_amount__stddev": pytest.approx(200**0.5),
        "net_amount__min": 10,
        "net_amount__max": 30,
        "line_number__null_share": 0,
        "line_number__mean": 3,
        "line_number__stddev": pytest.approx(7**0.5),
        "line_number__min": 1,
        "line_number__max": 6,
        "is_open__null_share": 0,
        "is_open__mean": pytest.approx(2 / 3),
        "ordered_at__null_share": pytest.approx(1 / 3),
        "ordered_at__newest": 86_400,
        "ordered_on__null_share": pytest.approx(1 / 3),
        "ordered_on__newest": 2 * 86_400,
    }


@pytest.mark.parametrize(
    ("table", "column", "code_list"),
    [
        ("customers", "tier_code", "tier"),
        ("tier_changes", "from_tier_code", "tier"),
        ("customers", "lifecycle_stage", "lifecycle_stage"),
        ("customers", "last_survey_type", "survey_type"),
        ("customer_tiers", "reason_code", "tier_reason"),
        ("lost_customers", "reason_code", None),
        ("customers", "frontier", None),  # ends like `tier`, and is another word
        ("order_lines", "product_id", None),
    ],
)
def test_a_column_of_a_mart_is_named_like_its_list_of_codes(table, column, code_list):
    assert code_list_of(table, column) == code_list


def test_every_list_that_is_named_for_a_column_exists():
    assert set(CODE_LISTS.values()) - codes().keys() == set()


def test_a_column_of_codes_has_the_share_of_each_in_all_rows_of_the_table():
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.customers as select * from "
            "(values ('gold'), ('gold'), ('basic'), (null)) as customers (tier_code)"
        )
        metrics = profile_of_table(
            connection, "marts", "customers", batch="", profiled_at=NOW
        ).metrics
    assert metrics == {
        "row_count": 4,
        "tier_code__null_share": 0.25,
        "tier_code__distinct_count": 2,
        "tier_code__share__basic": 0.25,
        "tier_code__share__silver": 0,
        "tier_code__share__gold": 0.5,
        "tier_code__share__diamond": 0,
    }


def test_where_delivered_rows_are_counted_each_fate_has_its_share():
    with duckdb.connect() as connection:
        connection.execute("create schema quality")
        connection.execute(
            "create table quality.row_conservation as select * from "
            "(values (90, 85, 5), (10, 5, 5)) as files "
            "(raw_count, staged_count, quarantined_count)"
        )
        metrics = profile_of_table(
            connection, "quality", "row_conservation", batch="", profiled_at=NOW
        ).metrics
    assert metrics["staged_count__share"] == 0.9
    assert metrics["quarantined_count__share"] == 0.1
    assert "raw_count__share" not in metrics


@pytest.mark.spark
def test_a_worker_of_tests_may_load_great_expectations_beside_spark():
    """pyspark would end a worker, which it takes for a run of its doctests."""
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-n", "1", "-m", "not spark"),
            *("tests/test_expectations.py", "-k", "orders"),
        ],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
