"""What MiniStack leaves out when it makes a REST API from a definition, as SAM deploys one.

The gateway's own answers (`GatewayResponses`), the answers of mock integrations (CORS preflights), and an address that
stays: a changed definition replaces what is in an API, not the API, and the id of an API is the name of its stack.
"""

from collections.abc import Callable
from typing import Any

from ministack.services import apigateway_v1 as gateway
from ministack.services.cloudformation import provisioners

# What belongs to an API's definition; its stages and deployments are resources of their own.
DEFINITION = (gateway._resources, gateway._authorizers_v1, gateway._models, gateway._gateway_responses)


def apply() -> None:
    """Puts the changes into MiniStack's modules; call it before anything is served."""
    gateway._import_rest_api = with_gateway_responses(gateway._import_rest_api)
    gateway._import_operation = with_responses(gateway._import_operation)
    handler = provisioners._RESOURCE_HANDLERS["AWS::ApiGateway::RestApi"]
    handler["create"] = named_like_its_stack(handler["create"])
    handler["update"] = in_place(handler["update"])


def with_gateway_responses(import_api: Callable[..., str]) -> Callable[..., str]:
    """What `GatewayResponses` of a SAM API becomes in its definition."""

    def imported(spec: dict[str, Any], base_data: Any = None) -> str:
        api_id = import_api(spec, base_data)
        for kind, response in spec.get("x-amazon-apigateway-gateway-responses", {}).items():
            gateway._put_gateway_response(api_id, kind, response)
        return api_id

    return imported


def with_responses(import_operation: Callable[..., None]) -> Callable[..., None]:
    """A mock integration answers itself: its templates and headers are part of the definition."""

    def imported(api_id: str, resource_id: str, method: str, operation: dict[str, Any], *rest: Any) -> None:
        import_operation(api_id, resource_id, method, operation, *rest)
        integration = (operation or {}).get("x-amazon-apigateway-integration") or {}
        for pattern, response in (integration.get("responses") or {}).items():
            selection = "" if pattern == "default" else pattern
            answer = {**response, "selectionPattern": selection}
            gateway._put_method_response(api_id, resource_id, method, response["statusCode"], {})
            gateway._put_integration_response(api_id, resource_id, method, response["statusCode"], answer)

    return imported


def named_like_its_stack(create: Callable[..., Any]) -> Callable[..., Any]:
    """So the address survives even an emulator that has lost everything."""

    def created(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        if stack in gateway._rest_apis:
            return create(logical_id, properties, stack)
        tags = [*properties.get("Tags", []), {"Key": "ms-custom-id", "Value": stack}]
        return create(logical_id, {**properties, "Tags": tags}, stack)

    return created


def in_place(update: Callable[..., Any]) -> Callable[..., Any]:
    """Like PutRestApi with mode=overwrite: the new definition moves into the API that is there."""

    def updated(api_id: str, old: dict[str, Any], new: dict[str, Any], *rest: Any) -> Any:
        if new.get("Body") != old.get("Body") and api_id in gateway._rest_apis:
            fresh = gateway._import_rest_api(new["Body"], {"name": new.get("Name", api_id)})
            for store in DEFINITION:
                store.pop(api_id, None)
                if fresh in store:
                    store[api_id] = store.pop(fresh)
            gateway._delete_rest_api(fresh)
            old = {**old, "Body": new.get("Body")}
        return update(api_id, old, new, *rest)

    return updated
