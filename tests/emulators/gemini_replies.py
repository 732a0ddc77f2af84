"""How Google answers: pictures, drafts, words and errors."""

from __future__ import annotations

import base64
from typing import Any

from starlette.responses import JSONResponse

from tests.emulators.gemini_models import Usage
from tests.emulators.gemini_rules import Refused

SUCCESSOR = "gemini-nano-banana-2.1"
RETRY_SECONDS = 12
NO_PICTURE_HERE = b"<html><body>502 upstream</body></html>"


def error(code: int, status: str, message: str, *details: dict[str, Any]) -> JSONResponse:
    body: dict[str, Any] = {"code": code, "message": message, "status": status}
    if details:
        body["details"] = list(details)
    return JSONResponse({"error": body}, code)


def refused(reason: Refused) -> JSONResponse:
    return error(reason.code, reason.status, reason.message)


def refusal(trouble: str, model: str) -> JSONResponse:
    """What is said before any work. KeyError for any other trouble."""
    match trouble:
        case "key":
            return wrong_key()
        case "denied":
            message = "The caller does not have permission"
            return error(403, "PERMISSION_DENIED", message)
        case "region":
            message = "Image generation is not available in your country."
            return error(400, "FAILED_PRECONDITION", message)
        case "gone":
            message = f"This model models/{model} is no longer available."
            if model != SUCCESSOR:
                message += f" Please update your code to use models/{SUCCESSOR}."
            return error(404, "NOT_FOUND", message)
        case "per_minute":
            return _quota("GenerateRequestsPerMinutePerProjectPerModel", "10", model)
        case "per_day":
            return _quota("GenerateRequestsPerDayPerProjectPerModel", "250", model)
        case "no_credit":
            return _quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "0", model)
        case "too_big":
            message = "Request payload size exceeds the limit: 104857600 bytes."
            return error(400, "INVALID_ARGUMENT", message)
        case "bad_request":
            message = "Unable to process input image. Please retry or report."
            return error(400, "INVALID_ARGUMENT", message)
        case "overload":
            message = "The model is overloaded. Please try again later."
            return error(503, "UNAVAILABLE", message)
        case "error":
            message = "An internal error has occurred. Please retry or report."
            return error(500, "INTERNAL", message)
        case "deadline":
            message = "Deadline expired before operation could complete."
            return error(504, "DEADLINE_EXCEEDED", message)
    raise KeyError(trouble)


REFUSALS = frozenset(
    {"key", "denied", "region", "gone", "per_minute", "per_day", "no_credit"}
    | {"too_big", "bad_request", "overload", "error", "deadline"}
)


def wrong_key() -> JSONResponse:
    return error(
        400,
        "INVALID_ARGUMENT",
        "API key not valid. Please pass a valid API key.",
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_KEY_INVALID",
            "domain": "googleapis.com",
            "metadata": {"service": "generativelanguage.googleapis.com"},
        },
    )


def _quota(quota: str, value: str, model: str) -> JSONResponse:
    return error(
        429,
        "RESOURCE_EXHAUSTED",
        "You exceeded your current quota, please check your plan and billing details. "
        f"Please retry in {RETRY_SECONDS - 0.458:.3f}s.",
        {
            "@type": "type.googleapis.com/google.rpc.QuotaFailure",
            "violations": [
                {
                    "quotaMetric": "generativelanguage.googleapis.com/generate_content_requests",
                    "quotaId": quota,
                    "quotaDimensions": {"location": "global", "model": model},
                    "quotaValue": value,
                }
            ],
        },
        {
            "@type": "type.googleapis.com/google.rpc.Help",
            "links": [{"description": "Learn more about quotas", "url": "https://ai.google.dev"}],
        },
        {
            "@type": "type.googleapis.com/google.rpc.RetryInfo",
            "retryDelay": f"{RETRY_SECONDS}s",
        },
    )


# --- generateContent -----------------------------------------------------------------------------


def whole(model: str, id: str, usage: Usage, **more: Any) -> dict[str, Any]:
    return {
        **more,
        "usageMetadata": _usage_metadata(usage),
        "modelVersion": model,
        "responseId": id,
    }


def candidate(parts: list[dict[str, Any]], reason: str = "STOP") -> dict[str, Any]:
    """No content at all when there are no parts, as where the answer itself was refused."""
    content = {"content": {"role": "model", "parts": parts}} if parts else {}
    return {**content, "finishReason": reason, "index": 0}


def picture_part(data: bytes, media_type: str, **more: Any) -> dict[str, Any]:
    encoded = base64.b64encode(data).decode()
    return {"inlineData": {"mimeType": media_type, "data": encoded}, **more}


def _usage_metadata(usage: Usage) -> dict[str, Any]:
    found: dict[str, Any] = {
        "promptTokenCount": usage.sent,
        "totalTokenCount": usage.sent + usage.made + usage.thought,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": usage.words_in},
            {"modality": "IMAGE", "tokenCount": usage.pictures_in},
        ],
    }
    if usage.made:
        found["candidatesTokenCount"] = usage.made
    if usage.picture_out:
        details = [{"modality": "IMAGE", "tokenCount": usage.picture_out}]
        found["candidatesTokensDetails"] = details
    if usage.thought:
        found["thoughtsTokenCount"] = usage.thought
    return found


# --- interactions --------------------------------------------------------------------------------


def interaction_usage(usage: Usage) -> dict[str, Any]:
    made = [{"modality": "image", "tokens": usage.picture_out}] if usage.picture_out else []
    return {
        "total_input_tokens": usage.sent,
        "input_tokens_by_modality": [
            {"modality": "text", "tokens": usage.words_in},
            {"modality": "image", "tokens": usage.pictures_in},
        ],
        "total_output_tokens": usage.made,
        "output_tokens_by_modality": made,
        "total_thought_tokens": usage.thought,
        "total_tokens": usage.sent + usage.made + usage.thought,
    }


def listed(model: str) -> dict[str, Any]:
    """One row of the list of models."""
    return {
        "name": f"models/{model}",
        "version": "001",
        "displayName": model,
        "inputTokenLimit": 65536,
        "outputTokenLimit": 32768,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
    }
